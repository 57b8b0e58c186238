/**
 * The types that a published client declares, as JSON schemas: what its service may send, and nothing else.
 *
 * Owns reading `.d.ts` files: interfaces, aliases, namespaces, unions, lists, and what one file takes from another.
 * Does not own which type an answer has to be of (contracts.ts), nor telling whether it is.
 *
 *  DC1 An object has every field that is not optional, and no field that is not declared.
 *  DC2 What is not understood is an error, never let through: no schema is wider than its type.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Directive,
  type Expression,
  parseSync,
  type Statement,
  type TSTypeName,
  type TSSignature,
  type TSType,
} from "oxc-parser";

export type JsonSchema = { readonly [keyword: string]: unknown };

/** What stands behind a name: several when an interface and a namespace share it. */
type Declared = Extract<
  Statement,
  { type: "TSInterfaceDeclaration" | "TSTypeAliasDeclaration" | "TSModuleDeclaration" }
>;

interface Imported {
  readonly path: string;
  /** Nothing when the whole module is meant. */
  readonly name: string | undefined;
}

/** Names of one module, or of one namespace within it. */
interface Scope {
  readonly path: string;
  /** Outermost first. */
  readonly within: readonly string[];
  readonly outer: Scope | undefined;
  readonly declared: ReadonlyMap<string, readonly Declared[]>;
  readonly imported: ReadonlyMap<string, Imported>;
}

interface Found {
  readonly scope: Scope;
  readonly name: string;
}

type Properties = Map<string, { readonly schema: JsonSchema; readonly isOptional: boolean }>;

/** As JSON carries them. */
const BUILT_IN: Readonly<Record<string, JsonSchema>> = {
  Date: { type: "string", format: "date-time" },
  Map: { type: "object" },
  Uint8Array: { type: "string" },
};

export class Declarations {
  readonly #scopes = new Map<string, Scope>();
  readonly #definitions = new Map<string, JsonSchema>();
  readonly #read: (path: string) => string;

  constructor(read = (path: string): string => readFileSync(path, "utf8")) {
    this.#read = read;
  }

  /** @param name of an exported type; `Outer.Inner` for one of a namespace */
  schemaOf(path: string, name: string): JsonSchema {
    const found = name
      .split(".")
      .reduce<Scope | Found>(
        (inside, part) => this.#member("scope" in inside ? this.#namespaceOf(inside) : inside, part),
        this.#module(path),
      );
    if (!("scope" in found)) throw new Error(`${name} is no type`);
    const schema = this.#reference(found);
    return { ...schema, $defs: Object.fromEntries(this.#definitions) };
  }

  #module(path: string): Scope {
    const known = this.#scopes.get(path);
    if (known !== undefined) return known;
    const { program, errors } = parseSync(path, this.#read(path));
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
    const scope = scopeOf(program.body, { path, within: [], outer: undefined });
    this.#scopes.set(path, scope);
    return scope;
  }

  #namespaceOf({ scope, name }: Found): Scope {
    const body = (scope.declared.get(name) ?? []).flatMap((one) =>
      one.type === "TSModuleDeclaration" && one.body?.type === "TSModuleBlock" ? one.body.body : [],
    );
    return scopeOf(body, { path: scope.path, within: [...scope.within, name], outer: scope });
  }

  /** A name that stands right in this scope. */
  #member(scope: Scope, name: string): Found {
    if (scope.declared.has(name)) return { scope, name };
    const imported = scope.imported.get(name);
    if (imported?.name !== undefined) return this.#member(this.#module(imported.path), imported.name);
    throw new Error(`${[scope.path, ...scope.within].join(" ")} has no ${name}`);
  }

  #resolve(scope: Scope, name: TSTypeName): Found {
    if (name.type === "Identifier") return this.#member(this.#scopeWith(scope, name.name), name.name);
    if (name.type !== "TSQualifiedName") throw new Error(`${scope.path}: ${name.type}`);
    return this.#member(this.#insideOf(scope, name.left), name.right.name);
  }

  #insideOf(scope: Scope, name: TSTypeName): Scope {
    if (name.type === "Identifier") {
      const holder = this.#scopeWith(scope, name.name);
      const imported = holder.declared.has(name.name) ? undefined : holder.imported.get(name.name);
      if (imported !== undefined && imported.name === undefined) return this.#module(imported.path);
    }
    return this.#namespaceOf(this.#resolve(scope, name));
  }

  #scopeWith(scope: Scope, name: string): Scope {
    if (scope.declared.has(name) || scope.imported.has(name)) return scope;
    if (scope.outer === undefined) throw new Error(`${scope.path}: ${name} is unknown`);
    return this.#scopeWith(scope.outer, name);
  }

  /** Each type is written down once, since some hold themselves. */
  #reference(found: Found): JsonSchema {
    const key = [found.scope.path, ...found.scope.within, found.name].join("#").replaceAll(/[^\w.-]+/g, "_");
    if (!this.#definitions.has(key)) {
      this.#definitions.set(key, {});
      this.#definitions.set(key, this.#definition(found));
    }
    return { $ref: `#/$defs/${key}` };
  }

  #definition(found: Found): JsonSchema {
    const alias = aliasOf(found);
    return alias === undefined ? strictObject(this.#properties(found)) : this.#schema(found.scope, alias);
  }

  /** Of an interface with all that it extends. */
  #properties({ scope, name }: Found): Properties {
    const alias = aliasOf({ scope, name });
    if (alias !== undefined) return this.#propertiesOf(scope, alias);
    const properties: Properties = new Map();
    for (const one of scope.declared.get(name) ?? []) {
      if (one.type !== "TSInterfaceDeclaration") continue;
      if (one.typeParameters) throw new Error(`${scope.path}: ${name} is generic`);
      for (const { expression, typeArguments } of one.extends) {
        const base = this.#heritage(scope, expression, typeArguments?.params ?? []);
        for (const [key, property] of base) properties.set(key, property);
      }
      for (const [key, property] of this.#members(scope, one.body.body)) properties.set(key, property);
    }
    return properties;
  }

  #heritage(scope: Scope, expression: Expression, parameters: readonly TSType[]): Properties {
    const [whole, keys] = parameters;
    if (expression.type === "Identifier" && expression.name === "Omit" && whole !== undefined && keys !== undefined) {
      const left = new Set(literalsOf(keys));
      return new Map([...this.#propertiesOf(scope, whole)].filter(([key]) => !left.has(key)));
    }
    return this.#properties(this.#resolve(scope, entityOf(expression)));
  }

  #propertiesOf(scope: Scope, type: TSType): Properties {
    if (type.type === "TSTypeLiteral") return this.#members(scope, type.members);
    if (type.type === "TSIntersectionType") {
      return new Map(type.types.flatMap((one) => [...this.#propertiesOf(scope, one)]));
    }
    if (type.type !== "TSTypeReference") throw new Error(`${scope.path}: the fields of ${type.type}`);
    return this.#properties(this.#resolve(scope, type.typeName));
  }

  #members(scope: Scope, members: readonly TSSignature[]): Properties {
    const properties: Properties = new Map();
    for (const one of members) {
      if (one.type !== "TSPropertySignature") throw new Error(`${scope.path}: ${one.type} in an object`);
      const type = one.typeAnnotation?.typeAnnotation;
      if (type === undefined) throw new Error(`${scope.path}: a field without a type`);
      const isOptional = one.optional || (type.type === "TSUnionType" && type.types.some(isUndefined));
      properties.set(keyOf(one.key), { schema: this.#schema(scope, type), isOptional });
    }
    return properties;
  }

  #schema(scope: Scope, type: TSType): JsonSchema {
    switch (type.type) {
      case "TSStringKeyword":
        return { type: "string" };
      case "TSNumberKeyword":
        return { type: "number" };
      case "TSBooleanKeyword":
        return { type: "boolean" };
      case "TSNullKeyword":
        return { type: "null" };
      case "TSNeverKeyword":
        return { not: {} };
      case "TSAnyKeyword":
      case "TSUnknownKeyword":
        return {};
      case "TSLiteralType":
        return { const: literalOf(type) };
      case "TSParenthesizedType":
        return this.#schema(scope, type.typeAnnotation);
      case "TSArrayType":
        return { type: "array", items: this.#schema(scope, type.elementType) };
      case "TSUnionType":
        return { anyOf: type.types.filter((one) => !isUndefined(one)).map((one) => this.#schema(scope, one)) };
      case "TSIntersectionType":
        return this.#intersection(scope, type.types);
      case "TSTypeLiteral":
        return this.#literalObject(scope, type.members);
      case "TSTypeReference":
        return this.#named(scope, type.typeName, type.typeArguments?.params ?? []);
      default:
        throw new Error(`${scope.path}: ${type.type} is not understood`);
    }
  }

  /** `string & {}` is any string beside the known ones. */
  #intersection(scope: Scope, types: readonly TSType[]): JsonSchema {
    const [first, second] = types;
    const isOpen = second?.type === "TSTypeLiteral" && second.members.length === 0;
    if (first?.type === "TSStringKeyword" && isOpen) return { type: "string" };
    return strictObject(new Map(types.flatMap((one) => [...this.#propertiesOf(scope, one)])));
  }

  #literalObject(scope: Scope, members: readonly TSSignature[]): JsonSchema {
    const [index] = members;
    if (index?.type !== "TSIndexSignature") return strictObject(this.#members(scope, members));
    return { type: "object", additionalProperties: this.#schema(scope, index.typeAnnotation.typeAnnotation) };
  }

  #named(scope: Scope, name: TSTypeName, parameters: readonly TSType[]): JsonSchema {
    const [first, second] = parameters;
    if (name.type === "Identifier") {
      const builtIn = BUILT_IN[name.name];
      if (builtIn !== undefined) return builtIn;
      if (name.name === "Array" && first !== undefined) return { type: "array", items: this.#schema(scope, first) };
      if (name.name === "Record" && second !== undefined) {
        return { type: "object", additionalProperties: this.#schema(scope, second) };
      }
    }
    if (first !== undefined) throw new Error(`${scope.path}: a generic type`);
    return this.#reference(this.#resolve(scope, name));
  }
}

const strictObject = (properties: Properties): JsonSchema => ({
  type: "object",
  properties: Object.fromEntries([...properties].map(([key, { schema }]) => [key, schema])),
  required: [...properties].filter(([, { isOptional }]) => !isOptional).map(([key]) => key),
  additionalProperties: false,
});

function scopeOf(body: readonly (Statement | Directive)[], place: Pick<Scope, "path" | "within" | "outer">): Scope {
  const declared = new Map<string, Declared[]>();
  const imported = new Map<string, Imported>();
  for (const statement of body) {
    const one = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    if (one.type === "ImportDeclaration") {
      const path = pathOf(place.path, one.source.value);
      for (const { local, ...specifier } of one.specifiers) {
        const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined;
        imported.set(local.name, { path, name });
      }
    } else if (one.type === "ExportNamedDeclaration" && one.source !== null) {
      const path = pathOf(place.path, one.source.value);
      for (const { local, exported } of one.specifiers) imported.set(nameOf(exported), { path, name: nameOf(local) });
    } else if (
      one.type === "TSInterfaceDeclaration" ||
      one.type === "TSTypeAliasDeclaration" ||
      one.type === "TSModuleDeclaration"
    ) {
      const name = nameOf(one.id);
      declared.set(name, [...(declared.get(name) ?? []), one]);
    }
  }
  return { ...place, declared, imported };
}

const pathOf = (from: string, to: string): string => join(dirname(from), to).replace(/(?:\.js)?$/, ".d.ts");

const aliasOf = ({ scope, name }: Found): TSType | undefined =>
  scope.declared.get(name)?.find((one) => one.type === "TSTypeAliasDeclaration")?.typeAnnotation;

const isUndefined = ({ type }: TSType): boolean => type === "TSUndefinedKeyword";

function nameOf(node: { readonly type: string }): string {
  if ("name" in node && typeof node.name === "string") return node.name;
  if ("value" in node && typeof node.value === "string") return node.value;
  throw new Error(`${node.type} is no name`);
}

const keyOf = nameOf;

function literalOf(type: TSType): unknown {
  if (type.type === "TSLiteralType" && type.literal.type === "Literal") return type.literal.value;
  throw new Error(`${type.type} is no plain value`);
}

const literalsOf = (type: TSType): unknown[] => (type.type === "TSUnionType" ? type.types : [type]).map(literalOf);

function entityOf(expression: Expression): TSTypeName {
  if (expression.type === "Identifier") return expression;
  if (expression.type === "MemberExpression" && !expression.computed && expression.property.type === "Identifier") {
    return { ...expression, type: "TSQualifiedName", left: entityOf(expression.object), right: expression.property };
  }
  throw new Error(`${expression.type} is no name of a type`);
}
