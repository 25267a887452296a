// Which value the reader points at: the active cell of the grid, a focused value, or the one under the pointer.
import { computed, signal } from "@preact/signals";

/** What a filter can be made from; without a value it is a field that the event does not have. */
export interface FieldValue {
  field: string;
  value?: string;
}

/** A value on the page. */
export interface PointedValue {
  field: string;
  value: string;
  element: HTMLElement;
}

/** The cell the grid's keyboard focus is on. */
export const activeCell = signal({ row: 0, column: 0 });
/** Under the pointer, or focused in the detail panel. */
export const pointed = signal<PointedValue | null>(null);
/** The active cell while the grid has the focus. */
export const gridValue = signal<FieldValue | null>(null);

export const currentValue = computed<FieldValue | null>(() => gridValue.value ?? pointed.value);

/** The entity page that was open last. */
export const lastEntity = signal("");

/** Values longer than this cannot be filtered for: the address would not hold them. */
const MAX_VALUE = 2000;

/** The attributes that make an element a value one can act on. */
export function valueAttributes(field: string, value: string): Record<string, string> {
  return value.length <= MAX_VALUE ? { "data-field": field, "data-value": value } : {};
}

/** Reads `data-field` and `data-value` from the nearest element that carries them. */
export function valueFrom(target: EventTarget | null): PointedValue | null {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-field]") : null;
  if (!element) return null;
  const { field, value } = element.dataset;
  return field === undefined || value === undefined ? null : { field, value, element };
}
