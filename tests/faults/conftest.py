import signal


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long, and rarely finds what others don't")
    # Begun by nohup, nights would ignore what they are sent, as they should.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
