"""Data sets that are published on Kaggle, through kagglehub."""

from pathlib import Path

from atelier.errors import BadInputError

_CREDENTIALS = (
    "Get a token at https://www.kaggle.com/settings and set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, "
    "or save the file it offers as ~/.kaggle/kaggle.json. Without an account, take a copy: source: mirror"
)
_REFUSED = (401, 403)


def download(handle: str) -> Path:
    """Fetch a data set such as `owner/name` into kagglehub's cache (again only what is missing); its folder.

    Raises
    ------
    BadInputError
        When kagglehub is not installed, knows no credentials that Kaggle accepts, or cannot fetch it.
    """
    try:
        import kagglehub
    except ImportError as error:
        raise BadInputError(f"Fetching {handle} from Kaggle needs one more package: pip install kagglehub") from error
    try:
        return Path(kagglehub.dataset_download(handle))
    except Exception as error:  # a dozen kinds, and those of requests
        cure = f" {_CREDENTIALS}" if _is_refusal(error) else ""
        raise BadInputError(f"Kaggle does not give {handle}: {_first_line(error)}.{cure}") from error


def _is_refusal(error: Exception) -> bool:
    """Whether Kaggle or kagglehub wants to know who asks."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status in _REFUSED or type(error).__name__ in ("UnauthenticatedError", "CredentialError", "ValueError")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]).rstrip(".")[:300] or type(error).__name__
