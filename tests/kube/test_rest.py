"""The REST client is imported without the packages around it, and leaves them whole for others."""

import subprocess
import sys

PROGRAM = """
import sys
import osconsole.kube.rest
print(sorted({"kubernetes", "kubernetes.aio.client", "requests", "pydantic"} & set(sys.modules)))
import kubernetes.aio.client, kubernetes.client
print(kubernetes.aio.client.CoreV1Api.__name__, kubernetes.client.CoreV1Api.__name__)
print(kubernetes.aio.client.rest.__name__)
"""


def test_alone():
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "CoreV1Api CoreV1Api", "kubernetes.aio.client.rest"]
