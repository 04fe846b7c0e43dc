"""Every error that we raise on purpose, as one tree.

```
OsconsoleError                 exit 1
├── UsageError                 exit 2   what was asked for cannot be understood
│   ├── DocumentError                   a YAML document is wrong: file:line: key
│   └── RecordingError                  a file cannot be played: it is no recording
├── Unreachable                exit 3   no answer from the cluster
│   ├── KubeconfigError                 no way to even try
│   └── Unauthorized                    401: who we are was not accepted
├── Refused                    exit 4   we do not do that, and say why
└── ApiError                   exit 1   the API server answered with a Status
    ├── Forbidden              exit 4   403
    ├── NotFound                        404
    ├── Conflict                        409
    ├── Gone                            410
    ├── Invalid                         400, 422
    └── TryAgain                        429, 5xx: retry after a while
```

The message of each is whole sentences for a person: the thing, what was found, what to do.
"""

from typing import ClassVar


class OsconsoleError(Exception):
    """An error with words for a person and an exit code for a shell."""

    exit_code: ClassVar[int] = 1


class UsageError(OsconsoleError):
    """What was asked for cannot be understood."""

    exit_code = 2


class DocumentError(UsageError):
    """A YAML document is wrong."""


class RecordingError(UsageError):
    """A file cannot be played: it cannot be read, or is no recording."""


class Unreachable(OsconsoleError):
    """The cluster gives no answer."""

    exit_code = 3


class KubeconfigError(Unreachable):
    """The kubeconfig is missing, broken, or names what does not exist."""


class Unauthorized(Unreachable):
    """The API server did not accept who we are (401)."""


class Refused(OsconsoleError):
    """An action that we do not carry out, with the reason."""

    exit_code = 4


class ApiError(OsconsoleError):
    """The API server answered with a Status that is not success.

    Attributes:
        code: the HTTP status.
        reason: Kubernetes' CamelCase reason, "" when it gave none.
        causes: (field, message) pairs from `details.causes`.
        retry_after_s: what `Retry-After` asked for, 0 when absent.
    """

    def __init__(
        self,
        message: str,
        code: int = 0,
        reason: str = "",
        *,
        causes: tuple[tuple[str, str], ...] = (),
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.causes = causes
        self.retry_after_s = retry_after_s


class Forbidden(ApiError):
    """The rights do not reach (403)."""

    exit_code = 4


class NotFound(ApiError):
    """There is no such object, or no such kind (404)."""


class Conflict(ApiError):
    """Somebody else was faster, or it exists already (409)."""


class Gone(ApiError):
    """The resourceVersion is too old (410): list again."""


class Invalid(ApiError):
    """The object is not acceptable (400, 422)."""


class TryAgain(ApiError):
    """The server cannot answer now (429, 5xx)."""


_BY_CODE: dict[int, type[ApiError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TryAgain,
}


def api_error(
    code: int,
    reason: str,
    message: str,
    *,
    causes: tuple[tuple[str, str], ...] = (),
    retry_after_s: float = 0.0,
) -> OsconsoleError:
    """The error for an HTTP answer; 401 is `Unauthorized`, 5xx is `TryAgain`."""
    if code == 401:
        return Unauthorized(f"{message or 'Unauthorized'}: log in again, or choose another context")
    kind = _BY_CODE.get(code, TryAgain if code >= 500 else ApiError)
    return kind(message, code, reason, causes=causes, retry_after_s=retry_after_s)
