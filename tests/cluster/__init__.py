"""No tests of the product, but what stands in for a cluster: an engine that builds and runs images as OpenShift does, Ceph's S3, `oc` and its Templates."""
