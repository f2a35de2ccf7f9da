import { OptionError } from "../../errors.js";
import { sizeOf } from "../../tensor/shape.js";
import type { OpenCheckpoint } from "../auto/load-model.js";
import { modelTypes } from "../auto/registry.js";
import { ConfigFields } from "../config/config-fields.js";
import { readLabels } from "../config/labels.js";
import { declarationsOf } from "../parameters/declare.js";
import { findWeights } from "../parameters/find-weights.js";
import { checkShapes } from "../parameters/load.js";
import type { WeightSource } from "../parameters/weight-source.js";
import { firstPosition, lengthenedConfig, padIdOf, type ShortModelType } from "./config.js";
import { findClass, targetClass } from "./find-class.js";
import { type LengthenOptions, lengthenSettings } from "./options.js";
import { type PositionRows, readRepeated } from "./positions.js";
import { sourceName } from "./source-name.js";

/** A checkpoint of a long model, whose weights are read from the short one. */
export interface LengthenedCheckpoint extends OpenCheckpoint {
	/** Name of its class in transformers, such as "LongformerForMaskedLM". */
	readonly className: string;
	/** Name of the class that it comes from. */
	readonly from: string;
	/** Names of weights of the old checkpoint that the new one has no place for. */
	readonly unused: readonly string[];
}

/**
 * Turns a checkpoint of BERT or RoBERTa into one of Longformer or BigBird for longer texts, as Longformer came from RoBERTa (Beltagy et al.
 * 2020, arXiv 2004.05150, section 5): the positions are repeated, and the projections of global tokens begin as those of the
 * window. Where a window, or the full attention that BigBird gives short texts, covers a text within the old length, the result
 * computes what the old model does. Nothing is read but settings until weights are asked for.
 *
 * @throws OptionError for other kinds of models, a class whose head the new kind does not have, options outside their range, or
 * weights that are missing
 * @example
 * const long = lengthenCheckpoint(await openCheckpoint("./roberta"), { to: "longformer", length: 4096 });
 * await saveCheckpoint(long, "./longformer");
 */
export function lengthenCheckpoint(checkpoint: OpenCheckpoint, options: LengthenOptions): LengthenedCheckpoint {
	const { config, location, weights } = checkpoint;
	const type = shortTypeOf(checkpoint);
	const found = findClass(checkpoint);
	const fields = new ConfigFields(`${location}: config.json`, config);
	const { declared } = found.modelClass.create(fields);
	readLabels(fields);
	fields.ignore("problem_type");
	const longest = found.type.maxLength(fields) as number;
	fields.finish();
	const settings = lengthenSettings(options, longest);
	const { to } = settings;
	const target = targetClass(to, found, config);
	const newConfig = lengthenedConfig(type, config, target.name, settings);
	const padId = padIdOf(type, config);
	const declarations = declarationsOf(declared);
	const { found: stored, missing, unused } = findWeights(declarations, weights, found.type.prefix);
	if (missing[0])
		throw new OptionError(
			`${location}: "${missing[0].name}" is missing${missing.length > 1 ? `, and ${missing.length - 1} more` : ""}; expected the weights of ${found.modelClass.name}`,
		);
	checkShapes(declarations, stored, weights);
	const storedNames = new Map([...stored].map(([{ name }, place]) => [name, place]));
	const prefix = modelTypes[to]?.prefix as string;
	const places = new Map<string, Place>();
	const taken = new Set<string>();
	const newFields = new ConfigFields("the lengthened checkpoint", newConfig);
	for (const { name, shape } of declarationsOf(target.create(newFields).declared)) {
		const source = sourceName(name, type, to, found.task);
		// The old class may not use a weight that is there, such as a pooler.
		const old = storedNames.get(source) ?? (weights.shapeOf(source) && source);
		// Only what a checkpoint may lack is not there.
		if (old === undefined) continue;
		taken.add(old);
		// Checkpoints of a base model alone have no prefix.
		const own = found.task === "base" && name.startsWith(prefix) ? name.slice(prefix.length) : name;
		if (!name.endsWith("position_embeddings.weight")) places.set(own, { name: old, shape: weights.shapeOf(old) ?? [] });
		else {
			const rows = { first: firstPosition(type, padId), count: longest, newFirst: firstPosition(to, padId) };
			places.set(own, { name: old, shape, positions: { name: old, dim: shape[1] as number, ...rows } });
		}
	}
	return {
		location,
		config: newConfig,
		generationConfig: {},
		weights: placedWeights(weights, places),
		className: target.name,
		from: found.modelClass.name,
		unused: unused.filter((name) => !taken.has(name)),
	};
}

function shortTypeOf({ location, config }: OpenCheckpoint): ShortModelType {
	const type = config.model_type;
	if (type === "bert" || type === "roberta") return type;
	throw new OptionError(
		`${location}: config.json has model_type ${JSON.stringify(type)}; expected "bert" or "roberta", which can be lengthened`,
	);
}

interface Place {
	readonly name: string;
	readonly shape: readonly number[];
	readonly positions?: PositionRows;
}

function placedWeights(source: WeightSource, places: ReadonlyMap<string, Place>): WeightSource {
	return {
		location: source.location,
		names: [...places.keys()],
		shapeOf: (name) => places.get(name)?.shape,
		async read(name, begin, end) {
			const place = places.get(name);
			if (!place) throw new OptionError(`${source.location}: the lengthened model has no weight "${name}"`);
			if (!(begin >= 0 && begin <= end && end <= sizeOf(place.shape)))
				throw new OptionError(
					`${source.location}: "${name}" has ${sizeOf(place.shape)} elements; expected a range in it, not ${begin} to ${end}`,
				);
			if (place.positions) return readRepeated(source, place.positions, begin, end);
			return source.read(place.name, begin, end);
		},
	};
}
