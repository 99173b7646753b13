import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { isNumeric, isSemiStructured, isTimestamp, type Type } from './typed.js';

interface Signature {
  readonly arguments: readonly { readonly name: string; readonly type: SnowflakeType; readonly default?: string }[];
}

/** An argument of a call: its static type, and its name where it was given by name. */
export interface GivenArgument {
  readonly name?: string | undefined;
  readonly type: Type;
}

export interface Choice<T> {
  readonly routine: T;
  /** For each parameter the argument's place in the call; undefined where the default counts. */
  readonly places: readonly (number | undefined)[];
}

/** The overload whose types come nearest to the arguments'; undefined when none takes them. */
export function chooseOverload<T extends Signature>(
  candidates: readonly T[],
  given: readonly GivenArgument[],
): Choice<T> | undefined {
  let best: { choice: Choice<T>; distance: number } | undefined;
  for (const routine of candidates) {
    const places = placesOf(routine, given);
    if (places === undefined) continue;
    let distance = 0;
    places.forEach((place, i) => {
      const type = place === undefined ? undefined : given[place]?.type;
      const wanted = routine.arguments[i]?.type;
      if (type !== undefined && wanted !== undefined) distance += distanceOf(type, wanted);
    });
    if (Number.isFinite(distance) && (best === undefined || distance < best.distance)) {
      best = { choice: { routine, places }, distance };
    }
  }
  return best?.choice;
}

function placesOf(routine: Signature, given: readonly GivenArgument[]): (number | undefined)[] | undefined {
  const places: (number | undefined)[] = routine.arguments.map(() => undefined);
  for (const [i, { name }] of given.entries()) {
    const at = name === undefined ? i : routine.arguments.findIndex((argument) => argument.name === name);
    if (at < 0 || at >= places.length || places[at] !== undefined) return undefined;
    places[at] = i;
  }
  const complete = places.every((place, i) => place !== undefined || routine.arguments[i]?.default !== undefined);
  return complete ? places : undefined;
}

/** 0 for the same type, more the farther an implicit conversion leads, infinite where there is none. */
function distanceOf(from: Type, to: SnowflakeType): number {
  if (from.name === to.name) return 0;
  if (from.name === 'NULL' || from.name === 'UNKNOWN') return 0;
  if (isNumeric(from) && isNumeric(to)) return 1;
  if (isTimestamp(from) && isTimestamp(to)) return 1;
  if (from.name === 'DATE' && isTimestamp(to)) return 2;
  if (isTimestamp(from) && to.name === 'DATE') return 3;
  if (to.name === 'VARIANT') return 4;
  if (from.name === 'VARIANT') return 4;
  if (isSemiStructured(from) || isSemiStructured(to)) return Number.POSITIVE_INFINITY;
  if (to.name === 'TEXT') return 5;
  if (from.name === 'TEXT') return 6;
  if (to.name === 'BOOLEAN' && isNumeric(from)) return 6;
  return from.name === 'BOOLEAN' && isNumeric(to) ? 6 : Number.POSITIVE_INFINITY;
}
