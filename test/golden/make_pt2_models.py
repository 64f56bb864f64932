"""Writes one .pt2 (torch.export) for each PyTorch operator that is read, and what PyTorch makes of two inputs.

    python make_pt2_models.py FOLDER      (with torch 2.9.1)

Elements of an input: x = x * 1664525 + 1013904223 mod 2^32 from the seed; then (x >> 24) / 64 - 2.
"""
import json
import os
import sys

import torch
from torch import nn
import torch.nn.functional as F


class Do(nn.Module):
    """A function of the inputs as a module."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs):
        return self.function(self, *inputs)


def on(function, *shapes):
    return Do(lambda _, *inputs: function(*inputs)), shapes


image = (1, 4, 6, 7)
row = (1, 4, 9)
flat = (1, 12)

models = {
    'conv2d': (nn.Conv2d(4, 6, 3, stride=2, padding=1), [image]),
    'conv2d_same_dilated': (nn.Conv2d(4, 5, 3, padding='same', dilation=2), [image]),
    'conv2d_depthwise_multiplier': (nn.Conv2d(4, 8, 3, padding=(1, 0), groups=4, bias=False), [image]),
    'conv1d': (nn.Conv1d(4, 3, 3, padding=1), [row]),
    'conv_transpose2d': (nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), [image]),
    'conv_transpose1d': (nn.ConvTranspose1d(4, 3, 4, stride=2, padding=1), [row]),
    'conv_batch_norm_relu6': (nn.Sequential(nn.Conv2d(4, 6, 1), nn.BatchNorm2d(6), nn.ReLU6()), [image]),
    'batch_norm1d': (nn.BatchNorm1d(12), [flat]),
    'max_pool2d': (nn.MaxPool2d(3, stride=2, padding=1), [image]),
    'max_pool1d': (nn.MaxPool1d(2), [row]),
    'avg_pool2d': (nn.AvgPool2d(2), [image]),
    'avg_pool1d': (nn.AvgPool1d(3), [row]),
    'adaptive_avg_pool2d': (nn.AdaptiveAvgPool2d(1), [image]),
    'adaptive_avg_pool1d': (nn.AdaptiveAvgPool1d(1), [row]),
    'upsample_nearest': (nn.Upsample(scale_factor=2, mode='nearest'), [image]),
    'upsample_bilinear': (nn.Upsample(scale_factor=2, mode='bilinear'), [image]),
    'upsample_bilinear_aligned': (nn.Upsample(size=(11, 13), mode='bilinear', align_corners=True), [image]),
    'abs': on(torch.abs, image),
    'add': on(torch.add, image, image),
    'add_alpha': on(lambda a, b: torch.add(a, b, alpha=0.5), image, image),
    'add_scalar': on(lambda x: x + 1.5, image),
    'add_channel': (Do(lambda self, x: x + self.weight, weight=nn.Parameter(torch.randn(4, 1, 1))), [image]),
    'sub': on(torch.sub, image, image),
    'mul': on(torch.mul, image, image),
    'mul_gate': on(lambda x: x * x.mean((2, 3), keepdim=True), image),
    'div_scalar': on(lambda x: x / 3, image),
    'neg': on(torch.neg, image),
    'cat_channels': on(lambda a, b: torch.cat([a, b], 1), image, (1, 2, 6, 7)),
    'cat_rows': on(lambda a, b: torch.cat([a, b], 2), image, (1, 4, 3, 7)),
    'clamp': on(lambda x: x.clamp(-0.5, 1.25), image),
    'pad_constant': on(lambda x: F.pad(x, (1, 2, 0, 1), value=0.5), image),
    'pad_reflect': on(lambda x: F.pad(x, (1, 2, 2, 1), mode='reflect'), image),
    'hardsigmoid': on(F.hardsigmoid, image),
    'hardswish': on(F.hardswish, image),
    'hardtanh': on(F.hardtanh, image),
    'leaky_relu': on(lambda x: F.leaky_relu(x, 0.1), image),
    'prelu': (nn.PReLU(4), [image]),
    'relu': on(F.relu, image),
    'sigmoid': on(torch.sigmoid, image),
    'silu': on(F.silu, image),
    'gelu': on(F.gelu, image),
    'gelu_tanh': on(lambda x: F.gelu(x, approximate='tanh'), image),
    'elu': on(F.elu, image),
    'tanh': on(torch.tanh, image),
    'exp': on(torch.exp, image),
    'softmax': on(lambda x: F.softmax(x, 1), flat),
    'softmax_channels': on(lambda x: F.softmax(x, 1), image),
    'log_softmax': on(lambda x: F.log_softmax(x, 1), flat),
    'amax': on(lambda x: x.amax((2, 3)), image),
    'amin': on(lambda x: x.amin(1), image),
    'mean': on(lambda x: x.mean((2, 3)), image),
    'mean_channel': on(lambda x: x.mean(1, keepdim=True), image),
    'sum': on(lambda x: x.sum(2), image),
    'linear': (nn.Linear(12, 5), [flat]),
    'linear_on_pixels': (nn.Linear(7, 3), [image]),
    'matmul': (Do(lambda self, x: x @ self.weight, weight=nn.Parameter(torch.randn(12, 4))), [flat]),
    'bmm': on(torch.bmm, (1, 3, 5), (1, 5, 4)),
    'flatten': (nn.Sequential(nn.Conv2d(4, 2, 1), nn.Flatten(), nn.Linear(84, 3)), [image]),
    'reshape': on(lambda x: x.reshape(1, 8, 21), image),
    'squeeze': on(lambda x: x.mean(2, keepdim=True).squeeze(2), image),
    'unsqueeze': on(lambda x: x.unsqueeze(1), row),
    'slice': on(lambda x: x[:, 1:3, ::2, 1:6], image),
    'select': on(lambda x: x[:, :, 2], image),
    'split': on(lambda x: x.split(2, 1)[1], image),
    'chunk': on(lambda x: x.chunk(2, 1)[0] + x.chunk(2, 1)[1], image),
    'pixel_shuffle': (nn.PixelShuffle(2), [image]),
    'dropout': (nn.Sequential(nn.Linear(12, 4), nn.Dropout()), [flat]),
    'layer_norm': (nn.LayerNorm(12), [flat]),
    'two_outputs': on(lambda x: (x.mean((2, 3)), torch.relu(x)), image),
}


def elements(seed, shape):
    count = 1
    for size in shape:
        count *= size
    state, values = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values.append((state >> 24) / 64 - 2)
    return torch.tensor(values).reshape(shape)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    golden = {}
    for name, (module, shapes) in models.items():
        torch.manual_seed(len(name))
        for part in module.modules():
            if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
                part.running_mean.uniform_(-1, 1)
                part.running_var.uniform_(0.5, 2)
        module.eval()
        example = tuple(elements(7, shape) for shape in shapes)
        torch.export.save(torch.export.export(module, example), os.path.join(folder, f'{name}.pt2'))
        vectors = {}
        for seed in (1, 2):
            with torch.no_grad():
                outputs = module(*[elements(seed + at, shape) for at, shape in enumerate(shapes)])
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            vectors[seed] = [
                {'shape': list(o.shape), 'values': [round(v, 7) for v in o.flatten().tolist()]} for o in outputs
            ]
        golden[name] = vectors
    with open(os.path.join(folder, 'golden.json'), 'w') as file:
        json.dump({'made_with': f'torch {torch.__version__.split("+")[0]}', 'models': golden}, file)


main(sys.argv[1])
