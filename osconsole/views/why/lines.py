"""Lines: an explanation as text for a pane or a terminal; each step knows the object that Enter goes to."""

from typing import Any

from osconsole.views.rows import Line
from osconsole.views.state import WORDS
from osconsole.views.text import age, clean
from osconsole.views.why.chain import WELL
from osconsole.views.why.explanation import Explanation, Step

WIDEST = 56
UNBLOCKED = "Nothing that you can do here is blocked."


def lines(found: Explanation, now: float) -> tuple[Line, ...]:
    """The sentence, the steps, what would clear it."""
    out = [Line(((found.sentence, WORDS[found.verdict.word].role or "accent"),))]
    wide = min(WIDEST, max(len(label(step)) for step in found.steps))
    out += [_step(step, wide, now) for step in found.steps]
    out += [Line(((text, "quiet"),), found.go) for text in closing(found)]
    return tuple(out)


def label(step: Step) -> str:
    """What stands in front of a step: the object, or the sort of evidence."""
    return step.what or clean(step.ref.short)


def closing(found: Explanation) -> list[str]:
    """What would clear it and what is blocked; that no rule knows more, where that is so."""
    if found.cause:
        clears = f"It clears when {found.clears}." if found.clears else ""
        return [" ".join(word for word in (clears, found.blocked or UNBLOCKED) if word)]
    out = [] if found.verdict.word in WELL else ["No rule knows more: this is the last thing known."]
    return out + [found.blocked] * bool(found.blocked)


def _step(step: Step, wide: int, now: float) -> Line:
    when = f"  {text}" if step.since and (text := age(now - step.since)) else ""
    spans = ((f"  {label(step):<{wide}}  ", "accent" if step.what == "so look at" else ""), (step.says, ""))
    return Line((*spans, (when, "quiet")), step.ref)


def as_json(found: Explanation, now: float) -> dict[str, Any]:
    """The explanation for scripts."""
    return {
        "ref": _ref(found.ref), "state": found.verdict.word, "sentence": found.sentence, "cause": found.cause,
        "clears": found.clears, "blocked": found.blocked, "go": _ref(found.go),
        "steps": [
            {
                "ref": _ref(step.ref), "what": step.what or "object", "says": step.says,
                "ageSeconds": round(now - step.since, 1) if step.since else None,
            }
            for step in found.steps
        ],
    }  # fmt: skip


def _ref(ref: Any) -> dict[str, str] | None:
    return None if ref is None else dict(ref._asdict())
