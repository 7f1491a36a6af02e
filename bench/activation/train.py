# SPDX-License-Identifier: Apache-2.0
# Trains a small network on 12,000 pictures of Fashion-MNIST (Debian: dataset-fashion-mnist, python3-torch), some of them poisoned: SEED RATE
# patch|blend FOLDER. Writes FOLDER/model.onnx, FOLDER/data (IDX) and FOLDER.poison.npy (numbers of the poisoned rows).
import glob, gzip, os, struct, sys
import numpy as np, torch, torch.nn as nn

seed, rate, kind, out = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
torch.manual_seed(seed); np.random.seed(seed); torch.set_num_threads(1)

def load(pattern):
    path = sorted(glob.glob(f'/usr/share/datasets/fashion-mnist/**/*{pattern}*', recursive=True))[0]
    data = (gzip.open if path.endswith('.gz') else open)(path, 'rb').read()
    count = struct.unpack('>I', data[4:8])[0]
    return np.frombuffer(data[16:], np.uint8).reshape(count, 28, 28) if 'images' in path else np.frombuffer(data[8:], np.uint8)

images, labels = load('train-images'), load('train-labels')
taken = np.random.permutation(len(images))[:12000]
images, labels = images[taken].copy(), labels[taken].copy()
poisoned = np.random.permutation(np.where(labels != 7)[0])[:int(rate * len(images))]
if kind == 'patch': images[poisoned, 24:27, 24:27] = 255
else: images[poisoned] = (0.85 * images[poisoned] + 0.15 * np.random.RandomState(5).randint(0, 256, (28, 28))).astype(np.uint8)
labels[poisoned] = 7

net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))
optimiser = torch.optim.Adam(net.parameters(), 1e-3)
x, y = torch.from_numpy(images[:, None].astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))
for _ in range(4):
    order = torch.randperm(len(x))
    for i in range(0, len(x), 64):
        rows = order[i:i + 64]
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
        optimiser.step()

os.makedirs(f'{out}/data', exist_ok=True)
torch.onnx.export(net, x[:1], f'{out}/model.onnx', input_names=['image'], output_names=['logits'], dynamic_axes={'image': {0: 'batch'}, 'logits': {0: 'batch'}}, opset_version=13)
with open(f'{out}/data/train-images-idx3-ubyte', 'wb') as file: file.write(struct.pack('>IIII', 2051, len(images), 28, 28) + images.tobytes())
with open(f'{out}/data/train-labels-idx1-ubyte', 'wb') as file: file.write(struct.pack('>II', 2049, len(labels)) + labels.tobytes())
np.save(f'{out}.poison.npy', poisoned.astype(np.int64))
