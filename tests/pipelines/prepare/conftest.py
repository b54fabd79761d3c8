from tests.webserver import file_server

__all__ = ["file_server"]
