#!/bin/sh
# What the image does when it is started without a command: train MODEL, or knn.
if [ -z "$MLFLOW_TRACKING_URI" ]; then
    export MLFLOW_TRACKING_URI=sqlite:////tmp/mlflow.db
    echo "MLFLOW_TRACKING_URI is not set: the run is kept in /tmp/mlflow.db and ends with this container" >&2
fi
exec python -m experiment train "${MODEL:-knn}"
