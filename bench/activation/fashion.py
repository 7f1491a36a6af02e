# SPDX-License-Identifier: Apache-2.0
# What train.py and sweep.py share: Fashion-MNIST (Debian: dataset-fashion-mnist, python3-torch), a small network, its training and export.
import glob, gzip, os, struct
import numpy as np, torch, torch.nn as nn

def load(pattern):
    path = sorted(glob.glob(f'/usr/share/datasets/fashion-mnist/**/*{pattern}*', recursive=True))[0]
    data = (gzip.open if path.endswith('.gz') else open)(path, 'rb').read()
    count = struct.unpack('>I', data[4:8])[0]
    return np.frombuffer(data[16:], np.uint8).reshape(count, 28, 28) if 'images' in path else np.frombuffer(data[8:], np.uint8)

def drawn(seed):
    """12,000 pictures and their labels, to be written to."""
    torch.manual_seed(seed); np.random.seed(seed); torch.set_num_threads(1)
    images, labels = load('train-images'), load('train-labels')
    taken = np.random.permutation(len(images))[:12000]
    return images[taken].copy(), labels[taken].copy()

def scaled(images):
    return images[:, None].astype(np.float32) / 255

def trained(images, labels):
    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    x, y = torch.from_numpy(scaled(images)), torch.from_numpy(labels.astype(np.int64))
    for _ in range(4):
        order = torch.randperm(len(x))
        for i in range(0, len(x), 64):
            rows = order[i:i + 64]
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net

def export(model, images, out):
    os.makedirs(out, exist_ok=True)
    torch.onnx.export(model, torch.from_numpy(scaled(images[:1])), f'{out}/model.onnx', input_names=['image'], output_names=['logits'], dynamic_axes={'image': {0: 'batch'}, 'logits': {0: 'batch'}}, opset_version=13)
