"""Download data sets from Kaggle, with kagglehub."""

from pathlib import Path

from atelier.errors import BadInputError

_CREDENTIALS = (
    "Get a token at https://www.kaggle.com/settings and set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, "
    "or save the downloaded file as ~/.kaggle/kaggle.json. Without an account, use a copy: source: mirror"
)
_REFUSED = (401, 403)


def download(handle: str) -> Path:
    """Download a data set such as `owner/name` into kagglehub's cache, and return its folder. Cached files are reused.

    Raises
    ------
    BadInputError
        When kagglehub is not installed, Kaggle does not accept the credentials, or the download fails.
    """
    try:
        import kagglehub
    except ImportError as error:
        raise BadInputError(f"Fetching {handle} from Kaggle needs one more package: pip install kagglehub") from error
    try:
        return Path(kagglehub.dataset_download(handle))
    except Exception as error:  # kagglehub and requests raise many unrelated types
        hint = f" {_CREDENTIALS}" if _is_refusal(error) else ""
        raise BadInputError(f"Kaggle does not give {handle}: {_first_line(error)}.{hint}") from error


def _is_refusal(error: Exception) -> bool:
    """Whether credentials are missing or not accepted."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status in _REFUSED or type(error).__name__ in ("UnauthenticatedError", "CredentialError", "ValueError")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]).rstrip(".")[:300] or type(error).__name__
