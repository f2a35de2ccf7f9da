"""Trains the byte model of the suite `training` in PyTorch, a step for each line on stdin.

Usage: training_step.py PROBLEM.json WEIGHTS.f32 THREADS

PROBLEM.json: sizes, ids, optimizer (see src/training/problem.ts) and weights, a list of [name, shape] in the order of their
float32 values in WEIGHTS.f32. Prints "ready", then for each step its loss and the seconds of CPU time used so far.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F


def read_weights(listed, path):
    values = torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32)
    sizes = [math.prod(shape) for _, shape in listed]
    parts = torch.split(values, sizes)
    return {name: part.reshape(shape).clone().requires_grad_() for (name, shape), part in zip(listed, parts)}


def window_mask(window, blocks):
    """What is added to scores of a block of queries with the block of keys before and its own: [blocks, 1, window, 2 window]."""
    query = torch.arange(window)[:, None]
    key = torch.arange(2 * window)[None]
    visible = ((key >= query) & (key <= query + window)).repeat(blocks, 1, 1, 1)
    visible[0, :, :, :window] = False
    return torch.zeros(visible.shape).masked_fill(~visible, float("-inf"))


def with_block_before(x):
    """[blocks, heads, window, head_dim] to [blocks, heads, 2 window, head_dim]."""
    return torch.cat([F.pad(x[:-1], (0, 0, 0, 0, 0, 0, 1, 0)), x], dim=2)


class ByteModel:
    def __init__(self, weights, sizes):
        self.weights = weights
        self.length, self.layers, self.dim = sizes["length"], sizes["layers"], sizes["dim"]
        self.heads, self.window = sizes["heads"], sizes["window"]
        self.mask = window_mask(self.window, self.length // self.window)

    def norm(self, x, name):
        return F.layer_norm(x, (self.dim,), self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-5)

    def attend(self, x, name):
        def project(weight):
            heads_inside = (-1, self.window, self.heads, self.dim // self.heads)
            return (x @ self.weights[f"{name}.{weight}"]).reshape(heads_inside).transpose(1, 2)

        q, k, v = project("query"), with_block_before(project("key")), with_block_before(project("value"))
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask)
        return attended.transpose(1, 2).reshape(self.length, self.dim) @ self.weights[name + ".output"]

    def dense(self, x, name):
        inner = torch.addmm(self.weights[name + ".innerBias"], x, self.weights[name + ".inner"])
        return torch.addmm(self.weights[name + ".outerBias"], F.gelu(inner), self.weights[name + ".outer"])

    def loss(self, ids):
        tokens = self.weights["tokens"]
        x = F.embedding(ids[:-1], tokens) + self.weights["positions.table"]
        for layer in range(self.layers):
            block = f"blocks.{layer}"
            x = x + self.attend(self.norm(x, block + ".attentionNorm"), block + ".attention")
            x = x + self.dense(self.norm(x, block + ".feedForwardNorm"), block + ".feedForward")
        return F.cross_entropy(F.linear(self.norm(x, "norm"), tokens), ids[1:])


def make_optimizer(weights, settings):
    groups = [
        {"params": [w for w in weights if w.dim() > 1], "weight_decay": settings["weightDecay"]},
        {"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=settings["learningRate"], betas=settings["betas"], eps=settings["epsilon"], fused=True
    )


def main():
    problem = json.load(open(sys.argv[1]))
    weights = read_weights(problem["weights"], sys.argv[2])
    torch.set_num_threads(int(sys.argv[3]))
    ids = torch.tensor(problem["ids"])
    model = ByteModel(weights, problem["sizes"])
    parameters = list(weights.values())
    optimizer = make_optimizer(parameters, problem["optimizer"])
    print("ready", flush=True)
    for _ in sys.stdin:
        optimizer.zero_grad(set_to_none=True)
        loss = model.loss(ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, problem["optimizer"]["clipNorm"])
        optimizer.step()
        print(loss.item(), time.process_time(), flush=True)


main()
