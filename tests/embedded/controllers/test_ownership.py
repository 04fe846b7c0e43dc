"""Garbage collection and namespaces."""

from osconsole.embedded.kinds import CONFIG_MAP, DEPLOYMENT, NAMESPACE, POD, REPLICA_SET, SECRET, SERVICE_ACCOUNT

SELECTOR = {"matchLabels": {"app": "x"}}


def owned_by(obj, **more):
    meta = obj["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": meta["name"], "uid": meta["uid"], **more}
    return {"ownerReferences": [reference]}


async def test_dependents_go_with_their_owner(world, template):
    await world.create(DEPLOYMENT, "web", {"replicas": 2, "selector": SELECTOR, "template": template()})
    await world.status(DEPLOYMENT, "web", readyReplicas=2)
    await world.delete(DEPLOYMENT, "web")

    async def empty():
        return not await world.objects(POD) and not await world.objects(REPLICA_SET)

    await world.until(empty)


async def test_foreground_deletion_waits_for_dependents(world):
    owner = await world.create(CONFIG_MAP, "owner")
    held = {"finalizers": ["example.org/hold"], **owned_by(owner, blockOwnerDeletion=True)}
    await world.create(SECRET, "child", meta=held)
    await world.delete(CONFIG_MAP, "owner", "Foreground")

    async def child_is_going():
        return (await world.get(SECRET, "child"))["metadata"].get("deletionTimestamp")

    await world.until(child_is_going)
    assert (await world.get(CONFIG_MAP, "owner"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    await world.patch(SECRET, "child", {"metadata": {"finalizers": None}})
    await world.gone(CONFIG_MAP, "owner")


async def test_a_second_owner_keeps_the_dependent(world):
    one, two = await world.create(CONFIG_MAP, "one"), await world.create(CONFIG_MAP, "two")
    both = owned_by(one)["ownerReferences"] + owned_by(two)["ownerReferences"]
    await world.create(SECRET, "child", meta={"ownerReferences": both})
    await world.delete(CONFIG_MAP, "one")

    async def one_owner():
        return len((await world.get(SECRET, "child"))["metadata"]["ownerReferences"]) == 1

    await world.until(one_owner)
    await world.delete(CONFIG_MAP, "two")
    await world.gone(SECRET, "child")


async def test_an_owner_that_never_was_takes_its_dependent_along(world):
    ghost = {"metadata": {"name": "ghost", "uid": "00000000-0000-0000-0000-000000000000"}}
    await world.create(SECRET, "child", meta=owned_by(ghost))
    await world.gone(SECRET, "child")


async def test_a_namespace_goes_with_everything_in_it(world, template):
    name = f"{world.namespace}-2"
    await world.client.create(NAMESPACE, {"metadata": {"name": name}})

    async def furnished():
        await world.client.get(SERVICE_ACCOUNT, name, "default")
        root = await world.client.get(CONFIG_MAP, name, "kube-root-ca.crt")
        return root["data"]["ca.crt"].startswith("-----BEGIN CERTIFICATE-----")

    await world.until(furnished)
    spec = {"replicas": 1, "selector": SELECTOR, "template": template()}
    await world.client.create(DEPLOYMENT, {"metadata": {"name": "web", "namespace": name}, "spec": spec})
    await world.client.delete(NAMESPACE, ("", name))
    await world.gone(NAMESPACE, name)
