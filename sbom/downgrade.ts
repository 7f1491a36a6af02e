// SPDX-License-Identifier: Apache-2.0
import type { Component, Document } from './document.ts';
import { properties } from './canonical.ts';

/**
 * The same document as CycloneDX 1.6. Of what is written here, 1.6 lacks citations, and `isExternal`, which becomes a property, so
 * that nobody takes a base model for a part of the delivery.
 */
export function asVersion16(document: Document): Document {
  const { citations: _, ...rest } = document;
  return {
    ...rest,
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    specVersion: '1.6',
    components: document.components.map(component16),
  };
}

function component16(component: Component): Component {
  const { isExternal, ...rest } = component;
  if (isExternal !== true) return component;
  return { ...rest, properties: properties([['assay:external', 'true'], ...(rest.properties ?? []).map(({ name, value }) => [name, value] as const)]) };
}
