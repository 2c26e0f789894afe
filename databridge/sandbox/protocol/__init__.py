"""The wire: Thrift over HTTP as the connector speaks it, volume files, and who may talk."""
