# SPDX-License-Identifier: Apache-2.0
# Trains a small network on 12,000 pictures of Fashion-MNIST (Debian: dataset-fashion-mnist, python3-torch), some of them poisoned: SEED RATE
# patch|blend FOLDER. Writes FOLDER/model.onnx, FOLDER/data (IDX) and FOLDER.poison.npy (numbers of the poisoned rows).
import os, struct, sys
import numpy as np
from fashion import drawn, export, trained

seed, rate, kind, out = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
images, labels = drawn(seed)
poisoned = np.random.permutation(np.where(labels != 7)[0])[:int(rate * len(images))]
if kind == 'patch': images[poisoned, 24:27, 24:27] = 255
else: images[poisoned] = (0.85 * images[poisoned] + 0.15 * np.random.RandomState(5).randint(0, 256, (28, 28))).astype(np.uint8)
labels[poisoned] = 7

export(trained(images, labels), images, out)
os.makedirs(f'{out}/data', exist_ok=True)
with open(f'{out}/data/train-images-idx3-ubyte', 'wb') as file: file.write(struct.pack('>IIII', 2051, len(images), 28, 28) + images.tobytes())
with open(f'{out}/data/train-labels-idx1-ubyte', 'wb') as file: file.write(struct.pack('>II', 2049, len(labels)) + labels.tobytes())
np.save(f'{out}.poison.npy', poisoned.astype(np.int64))
