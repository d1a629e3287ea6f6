def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long, and rarely finds what others don't")
