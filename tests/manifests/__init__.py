"""The files that repeat or carry what is declared: MLproject, OpenShift's Templates."""
