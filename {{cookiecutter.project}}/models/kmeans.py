"""k-means: which handwritten digits look alike, without being told which digit they are?"""

from experiment import Data, Field, Params, Source

TASK = "clustering"
METRIC = "silhouette"
SPACE = {"k": [2, 4, 6, 7, 8, 9, 10, 11, 12, 14, 17, 20]}


class Hyperparameters(Params):
    k: int = Field(10, ge=2, le=100, description="clusters to find")


def digits():
    """1,797 handwritten digits as 8 x 8 grey values from 0 to 16, without saying which digit each is."""
    from sklearn.datasets import load_digits

    return load_digits(as_frame=True).data


def load(source: Source) -> Data:
    return source.read(digits)


def cluster(train: Data, k: int, seed: int):
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=k, n_init=4, random_state=seed).fit(train.X)


def fit(train: Data, params: Hyperparameters):
    train.at_least(params.k, "--k")
    return cluster(train, params.k, params.seed)


def evaluate(model, test: Data) -> dict[str, float]:
    """Inertia: squared distance from a row to its centre, as a mean so that tables of any length compare."""
    from sklearn.metrics import silhouette_score

    silhouette = silhouette_score(test.X, model.predict(test.X))
    return {"inertia": -model.score(test.X) / len(test.X), "silhouette": silhouette}


def figures(model, train: Data, test: Data):
    """The elbow and the silhouette around the chosen k: a good k bends the one and lifts the other."""
    from matplotlib.figure import Figure

    ks = [k for k in range(max(2, model.n_clusters - 5), model.n_clusters + 6) if k < min(len(train.X), len(test.X))]
    scores = {k: evaluate(cluster(train, k, model.random_state), test) for k in ks}
    figure = Figure(figsize=(6, 5), layout="constrained")
    for axes, metric in zip(figure.subplots(2, sharex=True), ["inertia", "silhouette"], strict=True):
        axes.plot(ks, [scores[k][metric] for k in ks], marker="o")
        axes.axvline(model.n_clusters, color="black", linewidth=1, linestyle="--")
        axes.set(ylabel=metric)
    axes.set(xlabel="k")
    return {"elbow": figure}
