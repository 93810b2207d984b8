"""The diagnosis codes: one line for each mistake that a check can name.

A code is stable: tests, wrong answers in `source/answers/` and the class report all speak of a
mistake by its code. `CODES[code]` is what the student reads as the likely cause.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # what any answer can meet
    "not-written": "The exercise still has its TODO. Write your answer in the cell above, run it, then run this check again.",
    "missing": "The name is not defined. Run the cell that defines it, and keep the name that the exercise gives it.",
    "crashed": (
        "Your code, or the check on what it gave, stopped with an error. Run the line that is named "
        "above, or else your function, on its own to see why."
    ),
    "syntax-error": "Python cannot read the cell, so nothing in it is defined. Look at the line that is named and at the one before it: for a bracket, a quote or a colon that is missing, or for text that stands there twice.",
    "indentation": "The indentation does not fit, so Python cannot read the cell. Four spaces for each level, no tabs; the lines of a function's body all start in the same column.",
    "cell-failed": "The cell stopped before it had defined what is asked for. Restart the kernel and run all cells from the top: the first error is the one to mend.",
    "kernel-ended": "The cell ended the whole kernel: by exit(), by running out of memory, or by a crash inside a library. Take out what does it, and run all cells from the top.",
    "no-library": "A library is imported that is not there when work is graded, and none can be installed then. Python's own, numpy, torch, torchvision, matplotlib and scikit-learn are: the exercise needs no other.",
    "colab-only": "This works in Colab alone. Your work is graded elsewhere, without Google Drive and without /content: leave it out of your answers, and open files by the names that the notebook uses.",
    "no-network": "The code asks the network, and there is none when work is graded. Use the data that the notebook loads.",
    "no-gpu": 'The code asks for a GPU, and there is none when work is graded. Write `.to(device)` instead of `.cuda()`, with `device = torch.device("cuda" if torch.cuda.is_available() else "cpu")`: that runs in both places.',
    "debugger": "A `breakpoint()` or `set_trace()` is left in the code: it waits for somebody at the keyboard. Take it out.",
    "no-return": "The function gives nothing back (None) where a result is needed. Is there a `return`, on every way through the function, and at the right indentation?",
    "asks-input": "The code asks the keyboard, with `input()`, and nobody is there to answer when it is checked. Take what you need as an argument.",
    "wrong-type": "The result is of another kind than the docstring asks for. Look at its `Returns` line.",
    "wrong-shape": "The shape is not the one the docstring asks for. Print the shape after each line and find the first that surprises you.",
    "wrong-dtype": "The dtype is not the one asked for. Look for a conversion, or for a float32 that should be float64.",
    "wrong-value": "The numbers differ, and not in a way that this check recognises. Work one entry out by hand and compare.",
    "not-finite": "There is a NaN or an infinity in the result. Print the values before it: the first one that is not finite is near the cause.",
    "changed-argument": "The function changes an argument in place. Work on a copy, so that the caller's data stays as it was.",
    "too-slow": "The computation did not finish in time. Look for a loop that does not end, or that runs far too often.",
    # scale and sign
    "batch-mean": "The mean over the batch is missing: a mean loss divides by N, and so does each of its gradients.",
    "batch-mean-twice": "The batch mean is taken twice: divide by N once, where the loss enters, and nowhere after.",
    "missing-half": "There is a factor of 2 too much: look at the ½ in the loss, and at what its derivative leaves.",
    "extra-half": "There is a factor of ½ too much: the derivative of ½(f − y)² is (f − y), without a ½.",
    "sign": "The sign is flipped: look for (y − f) where (f − y) belongs, or a step uphill instead of downhill.",
    "scaled": "Every entry is off by the same factor. Look for a constant that is missing, or that stands in twice.",
    "accumulated": "Gradients add up from call to call. Set them back to zero (or to None) before each backward pass.",
    # shapes and axes
    "transposed": "The result is the transpose of the right one. Compare with the shape of the parameter: a gradient always has the same.",
    "wrong-axis": "The sum, mean or maximum runs over the other axis. Axis 0 counts samples here, axis 1 counts features.",
    "broadcast": "Two shapes were broadcast against each other by accident, (N,) against (N, 1) for instance, so that a matrix arose where a vector was meant.",
    "hard-coded-shape": "The answer works for one size only. Take sizes from the arguments (`X.shape[0]`, `W1.shape[0]`), never as numbers.",
    "memorised": "The answer fits the example and nothing else. Compute the result from the arguments.",
    "column-order": "The entries are laid out column by column; NumPy's and PyTorch's own order is row by row.",
    "wrong-order": "The parts are right, but not in the order that the docstring names.",
    "off-by-one": "Everything is there, shifted by one step. Look at what happens first in each round of the loop.",
    # backpropagation
    "relu-missing": "The ReLU is missing: negative pre-activations go on to the next layer.",
    "relu-mask-missing": "The ReLU mask is missing: where a1 ≤ 0 the unit is off, and no gradient may pass.",
    "relu-mask-misplaced": "The ReLU mask is taken from the wrong quantity, or applied at the wrong place: it is (a1 > 0), and it multiplies the gradient that arrives at h.",
    "bias-missing": "The bias is not added.",
    "bias-not-summed": "The gradient of a bias is the sum over the samples, since each of them used the same bias.",
    "upstream-ignored": "The gradient from above is ignored: the chain rule multiplies the local derivative by the gradient that arrives.",
    "updated-before-use": "A parameter is changed before the gradients that still need its old value are computed or applied. Compute all gradients first, then update.",
    "stale-cache": "Values of an earlier call are used. Everything must come from this call's arguments.",
    "step-too-large": "The finite difference is too coarse. Use the eps that is given.",
    "step-too-small": "The finite difference drowns in rounding: use float64, and the eps that is given.",
    "forward-difference": "This is a one-sided difference, whose error shrinks only with eps. The central one evaluates on both sides and divides by 2·eps.",
    "two-eps": "The difference is divided by the wrong distance: the two points lie 2·eps apart.",
    # autograd
    "graph-missing": "backward() was called on something that remembers no computation. Somewhere between the leaf with requires_grad=True and the loss, the graph is cut: look for .item(), float(…), .numpy(), .detach(), a no_grad block, or a forgotten requires_grad=True.",
    "graph-cut": "A part of the loss is a plain number to autograd (.item(), float(…), .detach()): its value counts, its derivative does not. Keep tensors until after backward().",
    "graph-used-up": "backward() went through the same graph twice. A graph serves once: compute the forward pass anew, inside the loop, before each backward().",
    "graph-stale": "The gradient is that of an old forward pass. retain_graph=True silences the error and keeps the old graph; compute the loss anew in each round instead.",
    "graph-kept": "A tensor that still has its graph is kept or returned where a plain number is meant. Take .item() of what you only want to write down.",
    "grad-is-none": "A .grad is None: backward() has not reached that tensor. Either it has no requires_grad=True, or it is no leaf (`w = w - …` makes a new tensor, which is no leaf), or backward() came later.",
    "leaf-in-place": "A leaf that requires grad is changed in place while autograd watches. Put the update into `with torch.no_grad():`.",
    "leaf-not-float": "Only floating-point tensors can require gradients: write 2.0 instead of 2, or give a dtype.",
    "detach-first": "NumPy cannot take a tensor that is part of a graph. Use `.detach().numpy()`, or `.item()` for a single number.",
    "zeroed-too-often": "The gradients are set back to zero in the midst of a sum that should add up: only the last piece is left.",
    "piece-weights": "Each piece's mean counts the same here, whatever its size. A piece of n samples out of N has to count n/N.",
    "piece-lost": "The last, smaller piece is left out. Step through all N samples; a slice past the end simply stops there.",
    "value-not-slope": "This is the value of the function, not its derivative. The derivative stands in .grad of the input, after backward().",
    "all-at-once": "All entries are moved together, which measures the sum of the derivatives. Move one entry at a time, the others stay.",
    "aliased": "Two names for one array or tensor: `b = a` copies nothing, so a change of one is a change of the other. Use `.clone()` (NumPy: `.copy()`).",
    "root-missing": "These are the squares of the distances: the square root is missing.",
    # tensors and autograd by hand
    "grad-not-asked": "The tensor does not ask for gradients: `requires_grad` is False.",
    "not-a-leaf": "The tensor is the result of a computation, so backward() does not fill its .grad. Convert first, and ask for gradients last.",
    "shared-memory": "The tensor uses the array's own memory (from_numpy, as_tensor): a step on one changes the other. Copy: torch.tensor(...), or .clone().",
    "abs-missing": "The absolute value is missing: a large negative number is large too.",
    "product-rule": "A term is missing: the derivative of a product u·v has two, u′v and uv′.",
    "inner-derivative": "The inner derivative is missing: by the chain rule, what stands inside is derived too, and its derivative is a factor.",
    "argument-ignored": "An argument is not used: something else is written in where it belongs.",
    # training
    "no-step": "The parameters do not move. Is there a step, and does it use the gradients that were just computed?",
    "not-learning": "The loss does not fall far enough. Check the sign of the step, the learning rate and the number of epochs.",
    "low-accuracy": "The accuracy is below what a correct solution reaches with every seed that was tried.",
    # optimizers
    "state-lost": "What the optimizer should remember from step to step (velocity, averages, step count) is not carried on. Compute the new state from the old one, and return it.",
    "velocity-damped": "The gradient is multiplied by (1 − momentum) on its way into the velocity. Here the velocity is momentum times the old velocity, plus the whole gradient.",
    "velocity-late": "The step uses the old velocity. Update the velocity first, then step with the new one.",
    "bias-correction": "The bias correction is missing or uses the wrong step count: m and v start at zero, so divide them by (1 − β₁ᵗ) and (1 − β₂ᵗ), with t = 1 in the first step.",
    "corrected-state": "The corrected means are kept as the new state, so they are corrected again in the next step. Keep m and v as they are; m̂ and v̂ are for this step only.",
    "eps-inside-root": "eps is added under the square root. Take the root of v̂ first, then add eps.",
    "betas-swapped": "The two betas have changed places: β₁ belongs to m (the gradient), β₂ to v (its square).",
    "square-missing": "v averages the gradients where it should average their squares.",
    # classifying, and measuring a model
    "unstable-softmax": "exp of a large logit overflows, or the logarithm of a probability that was rounded to 0 is taken. Subtract each row's largest logit first, and never go through the probability.",
    "softmax-twice": "A softmax is applied to the logits before a loss that has one inside (nn.CrossEntropyLoss). Hand the loss the plain logits.",
    "softmax-in-model": "The model ends with a softmax. nn.CrossEntropyLoss wants logits: end with the last Linear.",
    "relu-on-output": "The model ends with a ReLU, which cuts off all negative logits. End with the last Linear.",
    "not-registered": "nn.Module does not know these layers: a plain list hides them from parameters(). Use nn.Sequential(*layers) or nn.ModuleList(layers).",
    "eval-missing": "The model is measured in training mode, with dropout on. Call model.eval() before measuring.",
    "train-mode-missing": "The model is trained in evaluation mode, with dropout off. Call model.train() at the start of every epoch: measuring has switched it off.",
    "mode-changed": "The model comes back in another mode than it went in. Note model.training before, and set it again after.",
    "nan-comparison": "NaN equals nothing, not even itself, and inf is no NaN: ask math.isfinite (or torch.isfinite).",
    "nan-wins": "A run whose loss is NaN wins here. Every comparison with NaN is false, so min() may return it: leave such runs out before you compare.",
    "not-the-last": "The lowest value of a curve counts here, not its last one. A run that was good once and went bad is no winner.",
    "unfair-start": "The runs do not start alike. Make a fresh model from the same seed for each setting.",
    # digits, from file to report
    "not-scaled": "The pixels still run from 0 to 255. Divide by 255 first; mean and std are those of pixels in [0, 1].",
    "scaling-order": "Scaling and normalising have changed places. First divide by 255, then subtract the mean, then divide by std.",
    "not-normalised": "The pixels lie in [0, 1], and that is all: subtract the mean and divide by std.",
    "overlap": "A sample is in two parts at once, so one part knows the other's answers. Draw all parts from one random order, one after the other.",
    "not-shuffled": "The samples stay in the order of the file, or come from its beginning only. Draw a random order of all n first, then cut it.",
    "seed-ignored": "The random order does not follow the seed: the same seed must give the same, another seed another. Use a generator of its own, seeded with it.",
    "bias-uncounted": "Only the weights are counted. Each unit has a bias as well.",
    "layer-uncounted": "A layer is left out: n sizes make n − 1 layers, and the output is one of them.",
    "dropout-missing": "In training mode the model gives the same output twice, or drops too little: is there a Dropout(dropout) after each ReLU?",
    "dropout-misplaced": "Dropout acts on the output (or the input) of the network. It belongs after each hidden layer's ReLU, and nowhere else.",
    "dropout-always": "Dropout stays on in evaluation mode. nn.Dropout knows the mode by itself; nn.functional.dropout has to be told: training=self.training.",
    "mean-of-means": "This is the mean of the batches' means, in which a small last batch counts like a full one. Add up sums over samples, and divide by their number once.",
    "percent": "This is a percentage; a share between 0 and 1 is asked for.",
    "best-not-kept": "The model does not end with the weights of its best epoch. state_dict() goes on pointing at the live weights: copy them (copy.deepcopy) at each new best, and load the copy at the end.",
    "wrong-patience": "Training does not stop when it should: `patience` epochs after the best one without a better, or after `epochs` in all.",
    "counted-once": "A pair that occurs often is counted once: `C[y, p] += 1` with arrays as indices does not add repeatedly. Loop, or use np.add.at or np.bincount.",
    "whole-model": "The whole model is saved, code and all, and can only be loaded by running what the file says. Save its state_dict().",
    "test-set-used": "The test data take part in the choice, or are looked at more than once. Choose by validation; look at the test score of the chosen one, at the very end.",
    # modules, loaders, loops
    "not-a-parameter": "nn.Module knows only what is an nn.Parameter or a module: a plain tensor is not in parameters(), and no optimizer moves it.",
    "other-parameters": "The output does not come from the parameters that the model shows: it is computed with other numbers, and no optimizer would ever move these. Compute it from what parameters() gives, and leave parameters() and state_dict() as nn.Module has them.",
    "other-path": "The parameters do not end where the loop leads from their start: train the model that is handed in, on the batches that are handed in, and leave its parameters to the optimizer.",
    "random-weights": "The layer still has its random initial weights. Copy the given numbers into it, with load_state_dict or with copy_ under torch.no_grad().",
    "sigmoid-missing": "The sigmoid is missing: the output should be a probability, between 0 and 1.",
    "step-order": "step() comes before backward(): it moves with gradients of the round before, or with none.",
    "last-batch-only": "This is the value of the last batch. The loss of an epoch is the mean over all of its samples.",
    "same-order": "Each epoch sees the samples in the same order: is shuffle=True there?",
    # the whole pipeline
    "reshaped": "reshape keeps the order of the numbers, and so mixes the features of different samples. To turn rows into columns, transpose: X.T.",
    "pairs-broken": "X and y have been put into different orders, so samples have the labels of others. Use one random order for both.",
    "wrong-sizes": "The parts have other sizes than asked for. Round down for validation and test; training gets the rest.",
    "never-notices": "Even a live reference passes this check. Are the weights changed in place (p.add_), and is the comparison with a clone made before the change?",
    "buffers-lost": "Only the parameters are saved. state_dict() holds buffers too (the running means of a BatchNorm, for instance), and load_state_dict asks for them.",
    "future-used": "The best epoch of the whole list is used. A training that is under way knows only the epochs until now: stop as soon as patience is used up.",
    "previous-not-best": "Each loss is compared with the one before it. Compare it with the best one until now.",
    "tie-counts": "An equal loss counts as a new best here. Only a strictly lower one does.",
    "weight-decay-missing": "The weight decay has not reached the optimizer: torch.optim.Adam(..., weight_decay=weight_decay).",
    "predicted-not-true": "The right ones are divided by how often a class was predicted. Divide by how many samples belong to the class.",
    "divided-by-all": "Each class is divided by the number of all samples. Divide by the number of samples of that class.",
    "not-the-worst": "The worst of several accuracies is the smallest one.",
    # what is written as an answer
    "not-answered": "There is no answer yet. Write one of the letters offered.",
    "wrong-answer": "That is not the right answer. Read the section that the question names once more.",
}


def cause(code: str) -> str:
    """The likely cause behind `code`. Raises ValueError for a code that is not registered."""
    if code not in CODES:
        raise ValueError(f"unknown diagnosis code {code!r}: add it to lessonkit/check/codes.py")
    return CODES[code]
