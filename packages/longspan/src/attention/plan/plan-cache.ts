import type { HeadPlans } from "./encode.js";

/** Remembers the plans of the last few lengths: building one is cheap, but its encoding and transpose are kept with it. */
export function cachePlans<K extends readonly number[]>(
	build: (...key: K) => HeadPlans,
	capacity = 4,
): (...key: K) => HeadPlans {
	const recent = new Map<string, HeadPlans>();
	return (...key) => {
		const name = key.join();
		const plans = recent.get(name) ?? build(...key);
		// Map keeps insertion order: the first entry is the one not used for longest.
		recent.delete(name);
		recent.set(name, plans);
		if (recent.size > capacity) recent.delete(recent.keys().next().value as string);
		return plans;
	};
}
