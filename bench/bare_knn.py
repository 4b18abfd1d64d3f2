"""The same fit as `train knn`, by scikit-learn alone: what a run costs before anything is tracked."""

from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
model = KNeighborsClassifier(n_neighbors=7).fit(X_train, y_train)
predicted = model.predict(X_test)
print(accuracy_score(y_test, predicted), f1_score(y_test, predicted, average="macro"))
