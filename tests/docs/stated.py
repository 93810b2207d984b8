"""Numbers that the units' texts and captions state: what each is compared with, or why it is not.

STATED ties the words of a cell to an expression over the names of the executed solution notebook, taken right
after the cell `after`, and says between which values the words are true. GIVEN lists what no run computes:
formats, definitions, tasks, choices of a quiz, sayings that the unit takes apart. `test_stated_numbers.py`
fails for a number that stands in neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Stated:
    """Words of a cell, and the value that they speak of: `low <= value <= high`."""

    cell: str
    words: str
    after: str
    value: str
    low: float
    high: float


# The relative difference of float32 gradients to float64 ones, in its median.
IN_FLOAT32 = (
    "(lambda a, b: ((a - b).abs() / b.abs()).median())(*("
    "flatten(gradients(lambda **p: loss_of(p, X.to(t), y.to(t)), "
    "{k: v.detach().to(t).requires_grad_() for k, v in params.items()})).double() "
    "for t in (torch.float32, torch.float64)))"
)
# The best of the straight lines, tried on the points: of those through the middle, of all.
LINES = (
    "max(((X @ [np.cos(a), np.sin(a)] < c) == y[:, 0]).mean() "
    "for a in np.linspace(0, 2 * np.pi, 73) for c in np.linspace({}, 61))"
)
NEAREST = "torch.nn.functional.linear(X[:1], params['W1'], params['b1']).abs().min()"
AT_TIP = "epsilons[int(np.argmin(lines['{}']))]"
CLIFF = "lines['ReLU, float64'][2] / lines['ReLU, float64'][3]"  # at 1e-2, at 1e-3
SIXTEEN = "np.mean([a > 0.95 for name, each in groups.items() if name[:2] == '16' for a in each])"
PAYS = "float(torch.nn.functional.cross_entropy(torch.tensor([[{}]]), torch.tensor([0])))"
# Of points that are made in the same way: how probable it is that the likelier moon is not theirs.
OVERLAP = (
    "(lambda P, t: (lambda a, b: np.mean(np.minimum(a, b) / (a + b)))(*("
    "np.exp(-((P[:, None] - c) ** 2).sum(-1) / (2 * 0.2**2)).mean(1) for c in ("
    "np.stack([np.cos(t), np.sin(t)], 1), np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)))))"
    "(data.moons(2500)[0], np.linspace(0, np.pi, 100))"
)
LAYERS = "sum((i + 1) * o for s in [(784, 256, 128, 10)] for i, o in zip(s, s[1:]))"
PARAMETERS = "sum(p.numel() for p in net.parameters())"

STATED = tuple(
    Stated(*row)
    for row in (
        # 01
        ("01-text-16", "about half the variance of the noise", "01-code-17", "losses[-1] / np.var(y - 2 * x - 1)", 0.4, 0.55),
        ("01-text-18", "curvature about 9.2", "01-code-17", "np.linalg.eigvalsh([[(x * x).mean(), x.mean()], [x.mean(), 1]])[-1]", 9.15, 9.25),
        # 02
        ("02-text-1", "A straight line gets little more than half", "02-code-2", LINES.format("0, 0"), 0.5, 0.6),
        ("02-text-1", "with about 5 to 6 in 8", "02-code-2", "8 * " + LINES.format("-1.5, 1.5"), 5, 6),
        # 03
        ("03-text-7", "off by about 1e-7 *relative* to its size", "03-study-1", IN_FLOAT32, 3e-8, 3e-7),
        ("03-text-8", r"$u \approx 10^{-16}$ in float64", "03-study-1", "torch.finfo(torch.float64).eps / 2", 0.5e-16, 2e-16),
        ("03-text-8", r"$u \approx 10^{-7}$ in float32", "03-study-1", "torch.finfo(torch.float32).eps / 2", 0.5e-7, 2e-7),
        ("03-predict-4", r"$10^{-7/3} \approx 5\cdot10^{-3}$", "03-study-1", "10 ** (-7 / 3)", 4.5e-3, 5.5e-3),
        ("03-predict-4", r"$10^{-16/3} \approx 5 \cdot 10^{-6}$", "03-study-1", "10 ** (-16 / 3)", 4.5e-6, 5.5e-6),
        ("03-study-1", "near 1e-2 in float32", "03-study-1", AT_TIP.format("tanh, float32"), 0.9e-2, 1.1e-2),
        ("03-study-1", "in float32, with an error of about 2e-5", "03-study-1", "min(lines['tanh, float32'])", 1.5e-5, 2.5e-5),
        ("03-study-1", "near 1e-5 in float64", "03-study-1", AT_TIP.format("tanh, float64"), 0.9e-5, 1.1e-5),
        ("03-study-1", "in float64, with about 2e-11", "03-study-1", "min(lines['tanh, float64'])", 1.5e-11, 2.5e-11),
        ("03-study-1", "drops steeply between 1e-2 and 1e-3", "03-study-1", CLIFF, 1e9, math.inf),
        ("03-text-10", "falls off a cliff between $10^{-2}$ and $10^{-3}$", "03-study-1", CLIFF, 1e9, math.inf),
        ("exercise-claim", "a loss of about 0.3", "03-study-1", "loss_of(params, X[:1], y[:1])", 0.25, 0.35),
        ("exercise-claim", "the nearest pre-activation is about 0.009 from its fold", "03-study-1", NEAREST, 0.0085, 0.0095),
        ("03-text-12", "by up to half of their gradient", "03-study-2", "(slopes - differences).abs().max()", 0.49, 0.51),
        ("explain", "the error falls to about 1e-11", "03-code-11", "at_claim['float64']", 3e-12, 3e-11),
        ("03-text-11", "are off by 1e-3 to 1e-2", "03-code-11", "at_claim['float32']", 1e-3, 1e-2),
        # 04
        ("04-text-7", r"$\ln 2 \approx 0.69$", "04-study-5", "math.log(2)", 0.685, 0.695),
        ("04-study-5", "from about 0.7 to 0.98", "04-study-5", "claimed[0]", 0.65, 0.75),
        ("04-study-5", "0.7 to 0.98; with sixteen", "04-study-5", "claimed[-1]", 0.97, 0.99),
        ("04-study-5", "nearly all are above 0.95", "04-study-5", SIXTEEN, 0.95, 1),
        ("exercise-claim", "lie between about 0.7 and 0.98", "04-study-5", "claimed[0]", 0.65, 0.75),
        ("exercise-claim", "most stay below 0.95", "04-study-5", "np.mean(np.array(claimed) < 0.95)", 0.5, 0.95),
        ("explain", "it lay between about 0.7 and 0.98", "04-study-5", "claimed[-1]", 0.97, 0.99),
        ("explain", "most seeds stayed below 0.95", "04-study-5", "np.mean(np.array(claimed) < 0.95)", 0.5, 0.95),
        ("04-text-12", "count 1.6 times as much", "04-study-5", "32 / (500 % 32)", 1.59, 1.61),
        ("04-study-7", "jumps between 0.1 and 1", "04-study-7", "min(history['grad_norm'][-500:])", 0.05, 0.15),
        ("04-study-7", "between 0.1 and 1 to the end", "04-study-7", "max(history['grad_norm'][-500:])", 0.7, 1.5),
        ("04-study-7", "about half of the units stay active", "04-study-7", "np.mean(history['active'][-20:])", 0.45, 0.55),
        ("04-study-7", "levels off near 0.97", "04-study-7", "np.mean(history['accuracy'][-50:])", 0.965, 0.975),
        # 05
        ("05-text-1", "| 0.127: fairly sure", "05-code-2", PAYS.format("2., 0."), 0.1265, 0.1275),
        ("05-text-1", "| 1.313: leaning", "05-code-2", PAYS.format("0., 1."), 1.3125, 1.3135),
        ("05-text-1", "The loss is their mean, 0.720", "05-code-2", f"({PAYS.format('2., 0.')} + {PAYS.format('0., 1.')}) / 2", 0.7195, 0.7205),
        ("05-text-2", "0.693 with two classes", "05-code-2", "math.log(2)", 0.6925, 0.6935),
        ("05-text-2", "2.303 with ten", "05-code-2", "math.log(10)", 2.3025, 2.3035),
        ("05-text-2", "as soon as a logit reaches 89 in float32", "05-code-2", "math.log(torch.finfo(torch.float32).max)", 88, 89),
        ("05-text-3", "still pays 0.313", "05-code-2", PAYS.format("1., 0."), 0.3125, 0.3135),
        ("05-section-2", "1,056 parameters", "05-code-2", "32 * 32 + 32", 1056, 1056),
        ("05-text-9", "about three times too long", "05-code-2", "(1 - 0.9) / math.sqrt(1 - 0.999)", 2.8, 3.3),
        ("05-code-6", "fall from about 0.65", "05-code-6", "curves['train_losses'][0]", 0.6, 0.7),
        ("05-code-6", "to about 0.2, close", "05-code-6", "curves['train_losses'][-1]", 0.17, 0.23),
        ("05-text-14", "About 3 % of the points cannot be told apart", "05-code-6", OVERLAP, 0.025, 0.035),
        ("05-study-3", "Adam is lowest near 0.01", "05-study-3", "rates[int(np.argmin(final['adam']))]", 0.01, 0.01),
        ("05-study-3", "momentum near 0.1", "05-study-3", "rates[int(np.argmin(final['momentum']))]", 0.1, 0.1),
        ("05-study-3", "SGD near 1", "05-study-3", "rates[int(np.argmin(final['sgd']))]", 1, 1),
        ("05-study-3", "at 10 all of them fail", "05-study-3", "min(losses[-1] for losses in final.values())", 0.5, math.inf),
        ("05-text-19", "surprisingly large (near 1)", "05-study-3", "rates[int(np.argmin(final['sgd']))]", 1, 1),
        # 06
        ("06-code-8", "Both losses fall from about 1", "06-code-8", "result['train_losses'][0]", 0.8, 1.2),
        ("06-code-8", "levels off near 0.18", "06-code-8", "np.median(result['val_losses'][-40:])", 0.175, 0.185),
        ("06-text-14", "One sample in 67 is 1.5 percentage points", "06-code-8", "100 / len(parts['test'][1])", 1.45, 1.55),
        ("06-section-12", "grows to 235,146 parameters", "06-code-8", LAYERS, 235_146, 235_146),
        # 07
        ("07-title-1", "more than nine in ten", "07-study-2", "accuracy", 0.9, 1),
        ("07-section-1", "else 6,000 and 4,000", "07-code-5", "len(digits)", 6000, 6000),
        ("07-section-1", "6,000 and 4,000 that the course", "07-code-5", "len(test_digits)", 4000, 4000),
        ("07-text-4", "the darkest ink is above 800", "07-code-5", "(digits.data.max() - 0.1307) / 0.3081", 800, 850),
        ("07-text-4", r"$(0 - 0.1307)/0.3081 \approx -0.42$", "07-code-5", "X_train.min()", -0.425, -0.415),
        ("07-text-4", r"$(1 - 0.1307)/0.3081 \approx 2.82$", "07-code-5", "X_train.max()", 2.815, 2.825),
        ("07-text-6", "The first layer has 200,960", "07-study-1", "sum(p.numel() for p in list(net.parameters())[:2])", 200_960, 200_960),
        ("07-text-6", "of 235,146", "07-study-1", PARAMETERS, 235_146, 235_146),
        ("07-text-6", "more than 85 %", "07-study-1", f"100 * (784 * 256 + 256) / {PARAMETERS}", 85, 86),
        ("07-text-6", "The claim is 640 short", "07-study-1", f"{PARAMETERS} - 234_506", 640, 640),
        ("07-text-6", r"\ln 10 \approx 2.30$", "07-study-1", "math.log(10)", 2.295, 2.305),
        ("07-text-10", r"$\ln 10 \approx 2.3$", "07-study-1", "math.log(10)", 2.25, 2.35),
        ("07-text-14", r"$235{,}146 \cdot 4 \approx 940{,}000$ bytes", "07-study-1", f"{PARAMETERS} * 4", 935_000, 945_000),
        ("07-predict-7", "about 25,000", "07-study-1", LAYERS.replace("784, 256, 128, 10", "784, 32, 10"), 24_500, 25_500),
        ("07-predict-7", "102,000", "07-study-1", LAYERS.replace("784, 256, 128, 10", "784, 128, 10"), 101_500, 102_500),
        ("07-predict-7", "235,000 parameters", "07-study-1", LAYERS, 234_500, 235_500),
        ("07-text-16", "47 times as many parameters as training digits", "07-study-1", f"{PARAMETERS} / len(X_train)", 46.5, 47.5),
        ("reflect", "on the training digits gets close to 1", "07-study-2", "evaluate(net, shuffled())[1]", 0.99, 1),
        ("reflect", "that on new ones stays near 0.95", "07-study-2", "accuracy", 0.94, 0.96),
        ("reflect", "misses about one in twenty", "07-study-2", "1 / (1 - accuracy)", 17, 23),
        ("reflect", "some 17 times fewer", "07-study-2", "0.9 / (1 - accuracy)", 16.5, 17.5),
    )
)  # fmt: skip

GIVEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("01", "01-text-1"): ("float32 holds about 7 digits, float64 about 16",),
    ("01", "01-text-4"): ("two sets of 10,000 points",),
    ("01", "01-predict-6"): ("$x$ lies between 0 and 5",),
    ("02", "02-text-7"): ("A difference of about 1e-3 everywhere",),  # a rule of thumb
    ("02", "02-section-6"): ("when its pre-activation is above 0",),
    ("02", "exercise-unit_report"): ("that are above 0",),
    ("02", "02-text-10"): ("1,000 epochs",),
    ("03", "03-section-1"): ("float32 has about seven digits",),
    ("03", "03-predict-5"): ("lies at $a_1 = 0.009$",),
    ("03", "exercise-fold_steps"): ("Above 1, no unit can cross", "replaces what is below 1 by 1"),
    ("03", "exercise-claim"): ("When does it fall below 1?", r"with $u \approx 10^{-7}$"),
    ("03", "explain"): ("take ε near 1e-5",),
    ("03", "03-predict-7"): ("After 1,000 epochs",),
    ("03", "03-text-14"): ("the same 1,000 steps",),
    ("04", "exercise-claim"): (
        *("are all above 0.98", "are all close to 0.75", "lie between 0.9 and 1"),
    ),
    ("04", "04-section-6"): ("ReLU outputs above 0. Near 0 the units are dead, near 1 the",),
    ("04", "exercise-evaluate"): ("that are above 0",),
    ("04", "04-text-16"): ("full batch after 1,000", "are 3,200 steps"),
    ("05", "05-text-6"): ("up to $1/(1-\\mu)$ times",),
    ("05", "05-predict-4"): ("For $g = -0.001$?",),
    ("05", "05-text-9"): ("1000 or −0.001",),
    ("05", "05-predict-6"): ("get the loss below 0.05?",),
    ("05", "exercise-can_overfit"): ("whether that is below 0.05",),
    ("05", "05-text-16"): ("by more than 5 %",),
    ("05", "exercise-diagnose_run"): ("Never below by more than 5 %",),
    ("05", "05-predict-7"): ("learning rates from 0.0001 to 10",),
    ("05", "05-text-20"): ("Adam: start at 0.001",),
    ("05", "05-section-7"): (
        "another one 0.001",
        "0.00001; (b) 0.01 and 0.00001; (c) 1000 and 0.001;",
    ),
    ("06", "06-title-1"): ("70 % training", "15 % validation", "15 % test, once"),
    ("06", "06-section-2"): ("training | 70 %", "validation | 15 %", "test | 15 %"),
    ("06", "06-text-11"): ("With 0.005, a value",),
    ("07", "07-title-1"): ("5,000 to learn from · 1,000 to stop by",),
    ("07", "07-section-1"): ("60,000 digits to learn from and 10,000 to test on",),
    ("07", "07-text-1"): ("transforms.Normalize((0.1307,), (0.3081,))",),
    ("07", "07-section-2"): ("from 5,000 digits and validate with 1,000",),
    ("07", "exercise-count_parameters"): ("… 234,506", "network has 234,506 parameters"),
    ("07", "07-text-9"): ("5,000 digits",),
    ("07", "07-study-1"): ("on 5,000 digits",),
    ("07", "07-study-6"): ("on 5,000 digits",),
    ("07", "07-section-8"): ("12 % of the fours are wrong",),
    ("07", "reflect"): ("the baseline of 10 %",),
}
