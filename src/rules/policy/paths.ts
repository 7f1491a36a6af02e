// SPDX-License-Identifier: Apache-2.0

/** Why a path that an artefact names does not stay in the artefact's folder; undefined when it does. */
export function leavesFolder(path: string): 'is absolute' | 'is a URL' | 'holds a NUL byte' | 'climbs out of its folder' | undefined {
  if (path.includes('\0')) return 'holds a NUL byte';
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\/|^file:/i.test(path)) return 'is a URL';
  if (/^[/\\~]|^[a-z]:/i.test(path)) return 'is absolute';
  let depth = 0;
  for (const step of path.split(/[/\\]/)) {
    if (step === '..') depth -= 1;
    else if (step !== '' && step !== '.') depth += 1;
    if (depth < 0) return 'climbs out of its folder';
  }
  return undefined;
}

/** Id of the artefact that a path leads to from the folder of artefact `id`; for paths that stay in it. */
export function besides(id: string, path: string): string {
  const steps: string[] = [];
  for (const step of path.split(/[/\\]/)) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return id.slice(0, id.lastIndexOf('/') + 1) + steps.join('/');
}
