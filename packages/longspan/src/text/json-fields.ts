import { OptionError } from "../errors.js";
import { describe } from "../ops/operands.js";

/** A file of JSON as it was read. */
export type Json = Readonly<Record<string, unknown>>;

/** Reads an object of a JSON file field by field; what a field may not be is refused by its path. */
export class JsonFields {
	/**
	 * @param source what the file is, for errors
	 * @param path where the object is in it, such as "model"; "" for the whole
	 */
	constructor(
		readonly source: string,
		readonly json: Json,
		readonly path = "",
	) {}

	/** A file, or a part of one, that must be an object. */
	static of(source: string, value: unknown, path = ""): JsonFields {
		if (!isObject(value))
			throw new OptionError(`${source}: ${path || "the file"} is ${describe(value)}; expected an object`);
		return new JsonFields(source, value, path);
	}

	has(name: string): boolean {
		return Object.hasOwn(this.json, name) && this.json[name] !== null;
	}

	string(name: string, otherwise?: string): string {
		return this.#read(name, "a string", (value) => typeof value === "string", otherwise);
	}

	flag(name: string, otherwise?: boolean): boolean {
		return this.#read(name, "true or false", (value) => typeof value === "boolean", otherwise);
	}

	number(name: string, otherwise?: number): number {
		return this.#read(name, "a number", (value) => typeof value === "number", otherwise);
	}

	/** A number a token goes by. */
	id(name: string, otherwise?: number): number {
		return this.#read(name, "the number of a token", isId, otherwise);
	}

	list(name: string, otherwise?: readonly unknown[]): readonly unknown[] {
		return this.#read(name, "a list", Array.isArray, otherwise);
	}

	object(name: string): JsonFields {
		return new JsonFields(this.source, this.#read<Json>(name, "an object", isObject), this.#at(name));
	}

	/** An object, or null if the field is null or missing. */
	objectOrNull(name: string): JsonFields | null {
		return this.has(name) ? this.object(name) : null;
	}

	/** A list of objects; none if the field is missing. */
	objects(name: string): JsonFields[] {
		return this.list(name, []).map((value, index) => JsonFields.of(this.source, value, `${this.#at(name)}[${index}]`));
	}

	/** Fails for a field that has a value no reader is for. */
	refuse(name: string, expected: string): never {
		throw new OptionError(`${this.source}: ${this.#at(name)} is ${describe(this.json[name])}; expected ${expected}`);
	}

	/** What `readers` has for the field `type`. */
	byType<Reader>(readers: Readonly<Record<string, Reader>>, type = this.string("type")): Reader {
		const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
		return reader ?? this.refuse("type", Object.keys(readers).join(", "));
	}

	#read<Value>(name: string, expected: string, fits: (value: unknown) => boolean, otherwise?: Value): Value {
		if (!this.has(name) && otherwise !== undefined) return otherwise;
		const value = this.json[name];
		return Object.hasOwn(this.json, name) && fits(value) ? (value as Value) : this.refuse(name, expected);
	}

	#at(name: string): string {
		return this.path ? `${this.path}.${name}` : name;
	}
}

export function isId(value: unknown): value is number {
	return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
