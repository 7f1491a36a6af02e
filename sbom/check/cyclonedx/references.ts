// SPDX-License-Identifier: Apache-2.0
import { follow, pointerOf, type Place } from '../../schema/pointer.ts';
import { below, quote, texts, type Group, type Lint, type Node } from '../lint.ts';

const duplicateRef: Lint = {
  id: 'duplicate-ref',
  level: 'error',
  title: 'a bom-ref is used twice',
  why: 'A reference to it could mean either, so dependencies, findings and signatures attach to the wrong thing. The specification asks for unique values.',
  fix: 'Give each object a bom-ref of its own; leave it out where nothing refers to the object.',
};
const duplicateMinorRef: Lint = { ...duplicateRef, id: 'duplicate-minor-ref', level: 'warning', title: 'a bom-ref of something other than a component, service or finding is used twice' };
const danglingRef: Lint = {
  id: 'dangling-ref',
  level: 'error',
  title: 'a reference leads nowhere',
  why: 'What should be connected is not: a dependency, a dataset or a finding is silently lost by every reader.',
  fix: 'Add the object with that bom-ref, or take the reference out.',
};
const danglingRequirement: Lint = {
  ...danglingRef,
  id: 'dangling-requirement',
  level: 'warning',
  title: 'an attestation speaks of a requirement or counter-claim that is not in the document',
  fix: 'Add the standard with its requirements under definitions, or take the reference out.',
};
const danglingPointer: Lint = {
  id: 'dangling-pointer',
  level: 'error',
  title: 'a citation points at nothing',
  why: 'A citation says where a value came from; one that points at no value vouches for nothing.',
  fix: 'Correct the JSON pointer; it counts array items from 0 and writes "/" in a key as "~1".',
};
const selfDependency: Lint = {
  id: 'self-dependency',
  level: 'warning',
  title: 'a component depends on itself',
  why: 'Nothing depends on itself; readers that follow dependencies may not come to an end.',
  fix: 'Take the reference out of dependsOn.',
};
const repeatedDependency: Lint = {
  id: 'repeated-dependency',
  level: 'warning',
  title: 'the dependencies of a component are listed twice',
  why: 'Readers keep the first entry or the last, so one list is lost.',
  fix: 'Merge the entries with the same ref.',
};

/** Lists of references, by the member that holds the object they are in. */
const lists: Readonly<Record<string, readonly string[]>> = {
  dependencies: ['dependsOn', 'provides'],
  compositions: ['assemblies', 'dependencies', 'vulnerabilities'],
  annotations: ['subjects'],
  claims: ['mitigationStrategies', 'evidence', 'counterEvidence'],
  map: ['claims', 'counterClaims'],
  conformance: ['mitigationStrategies'],
  levels: ['requirements'],
};
const single: Readonly<Record<string, readonly string[]>> = {
  dependencies: ['ref'],
  affects: ['ref'],
  datasets: ['ref'],
  claims: ['target'],
  map: ['requirement'],
  attestations: ['assessor'],
  requirements: ['parent'],
  citations: ['attributedTo', 'process'],
};

const major = new Set(['component', 'components', 'services', 'vulnerabilities']);

export const references: Group = {
  lints: [duplicateRef, duplicateMinorRef, danglingRef, danglingRequirement, danglingPointer, selfDependency, repeatedDependency],
  start(say, document) {
    const refs = new Map<string, { place: Place | undefined; key: string }>();
    const wanted: { ref: string; place: Place | undefined; lint: Lint }[] = [];
    const dependents = new Set<string>();

    const names = (node: Node): void => {
      const ref = node.value['bom-ref'];
      if (typeof ref !== 'string') return;
      const first = refs.get(ref);
      if (first === undefined) refs.set(ref, { place: below(node.place, 'bom-ref'), key: node.key });
      else {
        const lint = major.has(first.key) || major.has(node.key) ? duplicateRef : duplicateMinorRef;
        say(lint, below(node.place, 'bom-ref'), `${quote(ref)} is already the bom-ref at ${pointerOf(first.place)}`);
      }
    };
    const dependency = ({ value, place }: Node): void => {
      const { ref } = value;
      if (typeof ref !== 'string') return;
      if (texts(value['dependsOn']).some(([on]) => on === ref)) say(selfDependency, below(place, 'dependsOn'), `${quote(ref)} depends on itself`);
      if (dependents.has(ref)) say(repeatedDependency, below(place, 'ref'), `dependencies of ${quote(ref)} were already listed`);
      dependents.add(ref);
    };
    return {
      object(node) {
        const { value, place, key } = node;
        names(node);
        for (const name of Object.hasOwn(single, key) ? single[key]! : []) {
          const ref = value[name];
          if (typeof ref === 'string') wanted.push({ ref, place: below(place, name), lint: key === 'map' ? danglingRequirement : danglingRef });
        }
        for (const name of Object.hasOwn(lists, key) ? lists[key]! : []) {
          for (const [ref, index] of texts(value[name])) wanted.push({ ref, place: below(place, name, index), lint: name === 'counterClaims' ? danglingRequirement : danglingRef });
        }
        if (key === 'dependencies') dependency(node);
        if (key === 'citations') {
          for (const [pointer, index] of texts(value['pointers'])) {
            if (follow(document, pointer) === undefined) say(danglingPointer, below(place, 'pointers', index), `${quote(pointer)} leads to nothing in this document`);
          }
        }
      },
      finish() {
        const { serialNumber } = document;
        const own = typeof serialNumber === 'string' ? `urn:cdx:${serialNumber.replace('urn:uuid:', '')}/` : undefined;
        for (const { ref, place, lint } of wanted) {
          // A BOM-Link (urn:cdx:…#ref) leads into another document, which is not opened.
          if (ref.startsWith('urn:cdx:')) {
            const inside = own !== undefined && ref.startsWith(own) && ref.includes('#') ? ref.slice(ref.indexOf('#') + 1) : undefined;
            if (inside !== undefined && !refs.has(inside) && !refs.has(decoded(inside))) say(danglingRef, place, `${quote(ref)} names this document, where nothing has that bom-ref`);
          } else if (!refs.has(ref)) {
            say(lint, place, `${quote(ref)} is the bom-ref of nothing in this document`);
          }
        }
      },
    };
  },
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray '%': the text stands for itself
  }
}
