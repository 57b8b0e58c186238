"""Trains the starter: a small llama-architecture decoder on one CPU core, in a fixed number of steps.

Usage: python3 train.py FOLDER STEPS [SEED [EARLIER]]

Reads what tokenize.ts wrote into FOLDER and writes weights.bin (float32, in the order of llama-shape.ts). With the
folder of an EARLIER run it goes on from its weights, at a lower rate and with chats of every length at once.
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
BUCKETS = (32, 48, 64, 96, 160, 256, 384, 512, 768, 1024)
ADAM_RATE = 4e-3
MUON_RATE = 0.015
WARM_STEPS = 40
SHORT_SHARE = 0.3  # the first part of the run sees short chats only: copying and sums are learnt there, cheaply
SHORT_TOKENS = 96
AGAIN_RATE = 0.4  # of the rates, when going on from earlier weights
DECAY_SHARE = 0.7  # the last part of the run in which the rates fall to nothing
NORM_EPSILON = 1e-5
ROPE_BASE = 10_000.0


class RmsNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON) * self.weight


def rotation(length, head_dim):
    """Cosines and sines of the rotary embedding, one row a position."""
    frequencies = ROPE_BASE ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angles = torch.outer(torch.arange(length).float(), frequencies)
    return angles.cos(), angles.sin()


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

    def forward(self, tokens):
        length = tokens.shape[1]
        cos, sin = rotation(length, self.head_dim)
        mask = torch.full((length, length), -1e9).triu(1)
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


def read_chats(folder):
    tokens = np.fromfile(folder / "tokens.bin", dtype=np.uint16)
    ends = np.cumsum(np.fromfile(folder / "lengths.bin", dtype=np.uint16).astype(np.int64))
    return np.split(tokens, ends[:-1])


def lessons(chats, steps, rng, short_share):
    """The batches of a whole run."""
    short = [chat for chat in chats if len(chat) <= SHORT_TOKENS]
    first = round(steps * short_share)
    yield from itertools.islice(batches(short, rng), first)
    yield from itertools.islice(batches(chats, rng), steps - first)


def batches(chats, rng):
    """Forever: chats of like length side by side, padded to their bucket, in random order."""
    buckets = {size: [] for size in BUCKETS}
    for index, chat in enumerate(chats):
        buckets[next(size for size in BUCKETS if len(chat) <= size + 1)].append(index)
    while True:
        plan = []
        for size, members in buckets.items():
            order = rng.permutation(members)
            rows = max(1, TOKENS_PER_STEP // size)
            plan += [(size, order[i : i + rows]) for i in range(0, len(order), rows)]
        for which in rng.permutation(len(plan)):
            size, members = plan[which]
            yield padded([chats[int(member)] for member in members], size)


def padded(rows, size):
    inputs = np.zeros((len(rows), size), dtype=np.int64)
    targets = np.zeros((len(rows), size), dtype=np.int64)
    weights = np.zeros((len(rows), size), dtype=np.float32)
    for row, chat in enumerate(rows):
        ids, length = (chat & (LEARNT - 1)).astype(np.int64), len(chat) - 1
        inputs[row, :length], targets[row, :length] = ids[:-1], ids[1:]
        learnt = (chat[1:] & LEARNT) != 0
        weights[row, :length] = np.where(learnt, math.sqrt(TYPICAL_ANSWER / learnt.sum()), PROMPT_WEIGHT)
    return torch.from_numpy(inputs), torch.from_numpy(targets), torch.from_numpy(weights)


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
    model, chats = Starter(shape), read_chats(folder)
    if earlier is not None:
        load_weights(model, earlier / "weights.bin")
    gentle = 1.0 if earlier is None else AGAIN_RATE
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    others = [model.embed.weight, *(p for p in model.parameters() if p.dim() == 1)]
    muon, adam = Muon(matrices), torch.optim.Adam(others, lr=ADAM_RATE, betas=(0.9, 0.95))
    print("parameters", sum(p.numel() for p in model.parameters()), "chats", len(chats), flush=True)
    short_share = SHORT_SHARE if earlier is None else 0.0
    began, seen, shown = time.time(), 0, []
    for step, (inputs, targets, weights) in enumerate(lessons(chats, steps, rng, short_share)):
        with torch.autocast("cpu", dtype=torch.bfloat16):  # more than twice as fast where the processor has it
            logits = model(inputs).float()
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
        seen += inputs.numel()
        answers = weights.flatten() > PROMPT_WEIGHT
        shown.append(losses[answers].mean().item())
        if (step + 1) % 50 == 0:
            speed = int(seen / (time.time() - began))
            print(f"step {step + 1} loss of answers {np.mean(shown[-50:]):.4f} tokens/s {speed}", flush=True)
    with open(folder / "weights.bin", "wb") as file:
        for weight in model.weights_in_file_order():
            file.write(weight.detach().contiguous().numpy().tobytes())


if __name__ == "__main__":
    folder, steps, seed, earlier = (*sys.argv[1:], *[None] * 3)[:4]
    train(Path(folder), int(steps), int(seed or 1), Path(earlier) if earlier else None)
