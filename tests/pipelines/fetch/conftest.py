from tests.helpers.web_server import file_server

__all__ = ["file_server"]
