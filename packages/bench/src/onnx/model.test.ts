import { expect, test } from "vitest";
import { operatorModel } from "./model.js";
import { floatField, integerField, messageField, stringField } from "./protobuf.js";

test("fields are encoded as protobuf specifies", () => {
	expect([...integerField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
	expect([...integerField(20, 2)]).toEqual([0xa0, 0x01, 0x02]);
	expect([...stringField(2, "testing")]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
	expect([...messageField(3, integerField(1, 150))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
	expect([...floatField(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
});

test("lengths above 127 take two bytes", () => {
	expect([...stringField(1, "x".repeat(200)).slice(0, 3)]).toEqual([0x0a, 0xc8, 0x01]);
});

test("a model names its operator, operands and domain", () => {
	const shape = [2, 3];
	const model = operatorModel({
		operator: "MultiHeadAttention",
		domain: "com.microsoft",
		inputs: { query: shape },
		outputs: { out: shape },
		attributes: { num_heads: 12 },
	});
	const text = new TextDecoder("latin1").decode(model);
	for (const part of ["MultiHeadAttention", "com.microsoft", "query", "out", "num_heads"]) expect(text).toContain(part);
	expect([...model.slice(0, 2)]).toEqual([0x08, 8]);
});
