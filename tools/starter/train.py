"""Trains the starter: a small llama-architecture decoder on one CPU core, in a fixed number of steps.

Usage: python3 train.py FOLDER STEPS [SEED [EARLIER]]

Reads what tokenize.ts wrote into FOLDER and writes weights.bin (float32, in the order of llama-shape.ts), every KEPT
steps and at the end. With a file of EARLIER weights it goes on from these, at a lower rate and with chats of every
length at once.
Chats that begin alike are learnt side by side: the first whole, of each other what is its own, which sees the common
beginning and itself.
The same folder, steps and seed give the same weights on the same machine and libraries; nothing depends on the clock.
"""

import ctypes
import itertools
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LEARNT = 0x8000
PROMPT_WEIGHT = 0.2  # what is asked teaches a little too: copying, above all
TYPICAL_ANSWER = 24  # tokens; a shorter answer, such as a number, counts for more a token and less a chat
TOKENS_PER_STEP = 2048
BUCKETS = (32, 48, 64, 96, 160, 256, 384, 512, 640, 768, 896, 1024, 1536, 2048)
KEPT = 100
ADAM_RATE = 4e-3
MUON_RATE = 0.015
WARM_STEPS = 40
SHORT_SHARE = 0.3  # the first part of the run sees short chats only: copying and sums are learnt there, cheaply
SHORT_TOKENS = 96
AGAIN_RATE = 0.6  # of the rates, when going on from earlier weights
DECAY_SHARE = 0.7  # the last part of the run in which the rates fall to nothing
NORM_EPSILON = 1e-5
ROPE_BASE = 10_000.0


class RmsNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON) * self.weight


def rotation(positions, head_dim):
    """Cosines and sines of the rotary embedding, for positions: batch, time. The heads are alike."""
    frequencies = ROPE_BASE ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angles = (positions.float().unsqueeze(-1) * frequencies).unsqueeze(1)
    return angles.cos(), angles.sin()


def sight(branches, shared):
    """What each token may see: of its own chat what stands before it, of the first chat what they share."""
    length = branches.shape[1]
    here = torch.arange(length)
    own = (branches.unsqueeze(2) == branches.unsqueeze(1)) & (here.unsqueeze(1) >= here)
    common = here < shared.unsqueeze(2)
    return torch.zeros(own.shape).masked_fill_(~(own | common), -1e9).unsqueeze(1).unsqueeze(1)


def rotate(x, cos, sin):
    """Rotates neighbouring pairs, which is llama.cpp's order for this architecture. x: batch, heads, time, head_dim."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, dim, heads, kv_heads, ffn):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, dim // heads
        linear = lambda inputs, outputs: nn.Linear(inputs, outputs, bias=False)
        self.attn_norm = RmsNorm(dim)
        self.q, self.o = linear(dim, dim), linear(dim, dim)
        self.k, self.v = linear(dim, kv_heads * self.head_dim), linear(dim, kv_heads * self.head_dim)
        self.ffn_norm = RmsNorm(dim)
        self.gate, self.up, self.down = linear(dim, ffn), linear(dim, ffn), linear(ffn, dim)

    def matrices_in_file_order(self):
        yield from (self.attn_norm.weight, self.q.weight, self.k.weight, self.v.weight, self.o.weight)
        yield from (self.ffn_norm.weight, self.gate.weight, self.up.weight, self.down.weight)

    def forward(self, x, cos, sin, mask):
        batch, time_, dim = x.shape
        groups = self.heads // self.kv_heads
        h = self.attn_norm(x)
        split = lambda y, heads: y.view(batch, time_, heads, self.head_dim).transpose(1, 2)
        q = rotate(split(self.q(h), self.heads), cos, sin) / math.sqrt(self.head_dim)
        k = rotate(split(self.k(h), self.kv_heads), cos, sin)
        v = split(self.v(h), self.kv_heads)
        # Query heads of one group share their keys: fold the group into the time axis instead of copying keys.
        q = q.reshape(batch, self.kv_heads, groups * time_, self.head_dim)
        scores = (q @ k.transpose(-1, -2)).view(batch, self.kv_heads, groups, time_, time_) + mask
        mixed = scores.softmax(-1).view(batch, self.kv_heads, groups * time_, time_) @ v
        mixed = mixed.view(batch, self.heads, time_, self.head_dim).transpose(1, 2).reshape(batch, time_, dim)
        x = x + self.o(mixed)
        h = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Starter(nn.Module):
    def __init__(self, shape):
        super().__init__()
        dim, layers = shape["dim"], shape["layers"]
        self.head_dim = dim // shape["heads"]
        self.embed = nn.Embedding(shape["vocab"], dim)
        self.blocks = nn.ModuleList(Block(dim, shape["heads"], shape["kvHeads"], shape["ffn"]) for _ in range(layers))
        self.norm = RmsNorm(dim)
        nn.init.normal_(self.embed.weight, std=0.02)
        for block in self.blocks:
            for module in (block.q, block.k, block.v, block.gate, block.up):
                nn.init.normal_(module.weight, std=0.7 / math.sqrt(dim))
            for module in (block.o, block.down):
                nn.init.normal_(module.weight, std=0.7 / math.sqrt(module.in_features * 2 * layers))

    def forward(self, tokens, positions, branches, shared):
        cos, sin = rotation(positions, self.head_dim)
        mask = sight(branches, shared)
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return self.norm(x) @ self.embed.weight.t()

    def weights_in_file_order(self):
        yield self.embed.weight
        for block in self.blocks:
            yield from block.matrices_in_file_order()
        yield self.norm.weight


class Muon:
    """Momentum whose steps are made orthogonal by Newton-Schulz iterations; for the matrices inside the blocks."""

    def __init__(self, matrices, momentum=0.95):
        self.matrices, self.momentum = list(matrices), momentum
        self.averages = [torch.zeros_like(matrix) for matrix in self.matrices]

    @torch.no_grad()
    def step(self, rate):
        for matrix, average in zip(self.matrices, self.averages):
            average.lerp_(matrix.grad, 1 - self.momentum)
            update = orthogonal(matrix.grad.lerp(average, self.momentum))
            rows, columns = matrix.shape
            matrix.mul_(1 - rate * 0.02)
            matrix.add_(update, alpha=-rate * math.sqrt(max(1.0, rows / columns)))


def orthogonal(gradient, iterations=5):
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = gradient.shape[0] > gradient.shape[1]
    x = gradient.t() if tall else gradient
    x = (x / (x.norm() + 1e-7)).bfloat16()
    for _ in range(iterations):
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return (x.t() if tall else x).float()


def read_groups(folder):
    """Lists of (tokens, shared): a chat, and those that begin as it does."""
    tokens = np.fromfile(folder / "tokens.bin", dtype=np.uint16)
    ends = np.cumsum(np.fromfile(folder / "lengths.bin", dtype=np.uint16).astype(np.int64))
    groups = []
    for chat, shared in zip(np.split(tokens, ends[:-1]), np.fromfile(folder / "shared.bin", dtype=np.uint16)):
        if shared == 0:
            groups.append([])
        groups[-1].append((chat, int(shared)))
    return groups


def length_of(group):
    return sum(len(chat) for chat, _ in group)


def lessons(groups, steps, rng, short_share):
    """The batches of a whole run."""
    short = [group for group in groups if length_of(group) <= SHORT_TOKENS]
    first = round(steps * short_share)
    yield from itertools.islice(batches(short, rng), first)
    yield from itertools.islice(batches(groups, rng), steps - first)


def batches(groups, rng):
    """Forever: groups of like length side by side, padded to their bucket, in random order."""
    buckets = {size: [] for size in BUCKETS}
    for index, group in enumerate(groups):
        buckets[next(size for size in BUCKETS if length_of(group) <= size)].append(index)
    while True:
        plan = []
        for size, members in buckets.items():
            order = rng.permutation(members)
            rows = max(1, TOKENS_PER_STEP // size)
            plan += [(size, order[i : i + rows]) for i in range(0, len(order), rows)]
        for which in rng.permutation(len(plan)):
            size, members = plan[which]
            yield padded([groups[int(member)] for member in members], size)


def padded(rows, size):
    """Inputs, their places (position, branch, how much of the first chat is seen), targets and their weights."""
    inputs, positions, branches, shares, targets = (np.zeros((len(rows), size), dtype=np.int64) for _ in range(5))
    weights = np.zeros((len(rows), size), dtype=np.float32)
    for row, group in enumerate(rows):
        at = 0
        for branch, (chat, shared) in enumerate(group):
            ids, length = (chat & (LEARNT - 1)).astype(np.int64), len(chat) - 1
            place = slice(at, at + length)
            inputs[row, place], targets[row, place] = ids[:-1], ids[1:]
            positions[row, place] = shared + np.arange(length)
            branches[row, place], shares[row, place] = branch, shared
            learnt = (chat[1:] & LEARNT) != 0
            weights[row, place] = np.where(learnt, math.sqrt(TYPICAL_ANSWER / learnt.sum()), PROMPT_WEIGHT)
            at += length
    seen = (torch.from_numpy(places) for places in (inputs, positions, branches, shares))
    return (*seen, torch.from_numpy(targets), torch.from_numpy(weights))


def learning_rate(step, steps):
    warm = min(1.0, (step + 1) / WARM_STEPS)
    left = (steps - step) / max(1.0, steps * DECAY_SHARE)
    return warm * min(1.0, left)


def load_weights(model, file):
    numbers = torch.from_numpy(np.fromfile(file, dtype=np.float32))
    sizes = [weight.numel() for weight in model.weights_in_file_order()]
    with torch.no_grad():
        for weight, part in zip(model.weights_in_file_order(), numbers.split(sizes)):
            weight.copy_(part.view_as(weight))


def keep_freed_memory():
    """Large tensors come and go each step; else the C library hands their pages back to the kernel each time."""
    trim_threshold, mmap_threshold = -1, -3
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_threshold, 1 << 30)
    libc.mallopt(trim_threshold, (1 << 31) - 1)


def train(folder, steps, seed, earlier=None):
    keep_freed_memory()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    shape = json.loads((folder / "plan.json").read_text())["shape"]
    model, groups = Starter(shape), read_groups(folder)
    if earlier is not None:
        load_weights(model, earlier)
    gentle = 1.0 if earlier is None else AGAIN_RATE
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    others = [model.embed.weight, *(p for p in model.parameters() if p.dim() == 1)]
    muon, adam = Muon(matrices), torch.optim.Adam(others, lr=ADAM_RATE, betas=(0.9, 0.95))
    print("parameters", sum(p.numel() for p in model.parameters()), "groups", len(groups), flush=True)
    short_share = SHORT_SHARE if earlier is None else 0.0
    began, tokens, shown = time.time(), 0, []
    for step, (*seen, targets, weights) in enumerate(lessons(groups, steps, rng, short_share)):
        with torch.autocast("cpu", dtype=torch.bfloat16):  # more than twice as fast where the processor has it
            logits = model(*seen).float()
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none") * weights.flatten()
        loss = losses.sum() / weights.sum()
        model.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(others, 1.0)
        rate = learning_rate(step, steps) * gentle
        for group in adam.param_groups:
            group["lr"] = ADAM_RATE * rate
        adam.step()
        muon.step(MUON_RATE * rate)
        tokens += targets.numel()
        answers = weights.flatten() > PROMPT_WEIGHT
        shown.append(losses[answers].mean().item())
        if (step + 1) % 50 == 0:
            speed = int(tokens / (time.time() - began))
            print(f"step {step + 1} loss of answers {np.mean(shown[-50:]):.4f} tokens/s {speed}", flush=True)
        if (step + 1) % KEPT == 0 or step + 1 == steps:
            keep(model, folder / "weights.bin")


def keep(model, file):
    """All of it or none: it may be read while the run goes on."""
    part = file.with_suffix(".part")
    with open(part, "wb") as out:
        for weight in model.weights_in_file_order():
            out.write(weight.detach().contiguous().numpy().tobytes())
    part.replace(file)


if __name__ == "__main__":
    folder, steps, seed, earlier = (*sys.argv[1:], *[None] * 3)[:4]
    train(Path(folder), int(steps), int(seed or 1), Path(earlier) if earlier else None)
