---@meta cso
-- The language of playbooks, for editors. `local cso = require "cso"`.

---A value that is known only after something was applied.
---@class cso.Ref
---@operator concat(any): cso.Ref
---@field [any] cso.Ref  an attribute, a member, an item
local Ref = {}

---A value made of this one as soon as it is known.
---@param fn fun(v: any): any
---@return cso.Ref
function Ref:map(fn) end

---This value in base64.
---@return cso.Ref
function Ref:base64() end

---This value as JSON text.
---@return cso.Ref
function Ref:json() end

---A member whose name is also that of a method.
---@param key string|integer
---@return cso.Ref
function Ref:get(key) end

---The value itself; only inside of a step's `run`.
---@return any
function Ref:value() end

---A declared resource: its properties and attributes are refs.
---@class cso.Resource: cso.Ref

---@class cso.ResourceOptions
---@field protect boolean?       refuse to delete or replace it
---@field retain boolean?        forget it instead of deleting it
---@field ignore string[]|string|nil  properties whose changes don't count
---@field replace "create_first"|"delete_first"|nil
---@field timeouts { create: string?, update: string?, delete: string? }?
---@field after any              resources and steps that come first, in lists of any depth
---@field when boolean?          false: not declared; the result is nil
---@field pre table<string, fun(r: table): any, string?>?   what must hold before it is changed
---@field post table<string, fun(r: table): any, string?>?  what must hold once it works
---@field policy { skip: table<string, string> }?  rules that don't apply to it, each with the reason

---`Service.Type "name" { … }` or `Service.Type("name", { options }) { … }`
---@alias cso.Declare fun(name: string, options: cso.ResourceOptions?): fun(properties: table): cso.Resource

---@class cso.Service
---@field [string] cso.Declare

---@class cso.Aws
---@field [string] cso.Service

---The API of one service: one method for each operation, named as AWS names it.
---@class cso.Api
---@field [string] fun(self: cso.Api, params: table?): table
local Api = {}

---All items of all pages of an operation.
---@param operation string
---@param params table?
---@return fun(): any
function Api:each(operation, params) end

---All pages of an operation.
---@param operation string
---@param params table?
---@return fun(): table?
function Api:pages(operation, params) end

---Waits with a waiter of the service.
---@param waiter string
---@param params table?
---@return true
function Api:wait(waiter, params) end

---@class cso.Target
---@field region string?
---@field profile string?
---@field role string?

---@alias cso.ApiNamespace table<string, fun(target: cso.Target): cso.Api>

---@class cso.TargetFace
---@field aws cso.Aws
---@field api cso.ApiNamespace
---@field region string?
---@field use fun(name: string|table, address: string?): fun(inputs: table): any

---The running step.
---@class cso.Step
---@field address string
local Step = {}

---Not yet: run again after `every`. Write `return step:retry("why")`.
---@param why string?
function Step:retry(why) end

---A type of `cso.t`. Called with options it makes a narrower one.
---@class cso.Type
---@overload fun(...): cso.Type

---@class cso.TypeOptions
---@field default any
---@field optional boolean?
---@field sensitive boolean?     the value is a secret
---@field description string?
---@field check (fun(v: any): boolean, string?)?

---@class cso.Types
---@field any cso.Type
---@field string cso.Type        { pattern = regular expression, min, max, enum }
---@field integer cso.Type       { min, max, enum }
---@field number cso.Type        { min, max, enum }
---@field boolean cso.Type
---@field cidr cso.Type          { min_prefix, max_prefix, family = 4|6 }
---@field duration cso.Type      "40m", "1h30m"; gives seconds
---@field email cso.Type
---@field arn cso.Type
---@field domain cso.Type
---@field region cso.Type
---@field url cso.Type
---@field list fun(of: cso.Type, options: table?): cso.Type    { min, max, unique }
---@field map fun(of: cso.Type, options: table?): cso.Type     { min, max, keys }
---@field object fun(fields: table<string, cso.Type>, options: table?): cso.Type  { open }
---@field enum fun(values: any[], options: table?): cso.Type
---@field one_of fun(...: cso.Type): cso.Type
---@field resource fun(...: string): cso.Type                  "EC2.VPC": a resource of that type
---@field optional fun(of: cso.Type): cso.Type

---@class cso
---@field t cso.Types
---@field aws cso.Aws            resources, by the names of the CloudFormation registry
---@field api cso.ApiNamespace   cso.api.ec2 { region = "eu-west-2" }:DescribeVpcs {}
---@field args string[]          words behind "--"
---@field tls { Authority: cso.Declare, Certificate: cso.Declare }
---@field random { password: cso.Declare }
---@field acm { Import: cso.Declare }
---@field s3 { Object: cso.Declare }
---@field ssm { Command: cso.Declare }
---@field sql { Script: cso.Declare }
---@field exec cso.Declare
local cso = {}

---The environment: YAML file, overlays, CSO_VAR_* and --set, checked. Without fields the schema is
---schema.lua beside the file.
---@param fields table<string, cso.Type>|cso.Type|nil
---@return table
function cso.env(fields) end

---What the resources are remembered under; tags for all of them; the region they live in; where the
---state is: a file, or s3://BUCKET/KEY.
---@param stack { name: string, tags: table<string, string>?, region: string?, state: string? }
function cso.stack(stack) end

---@param spec { inputs: table<string, cso.Type>?, build: (fun(inputs: table): any), description: string? }
---@return table
function cso.module(spec) end

---Builds a module: "cso.modules.networking", a file beside this one, or what cso.module gave.
---@param name string|table
---@param address string?  default: the last part of the name
---@return fun(inputs: table): any
function cso.use(name, address) end

---Another region, profile or role.
---@param target cso.Target
---@return cso.TargetFace
function cso.target(target) end

---Who runs this; asked for when it is read.
---@return { id: string, arn: string }
function cso.account() end

---@return string
function cso.region() end

---A step of the graph that runs Lua: `cso.step "name" { after, timeout, every, run }`.
---@param name string
---@return fun(step: { after: any, timeout: string?, every: string?, run: fun(step: cso.Step): any }): cso.Ref
function cso.step(name) end

---Checked with every plan.
---@param text string
---@param ok any
---@param hint string?
function cso.check(text, ok, hint) end

---@class cso.PolicyRule
---@field on string|string[]       types, as "S3.Bucket"
---@field deny (fun(r: table, plan: table): string|boolean|nil)?  what is wrong: nothing is applied
---@field warn (fun(r: table, plan: table): string|boolean|nil)?  what is wrong: that is said
---@field fix (fun(r: table, plan: table): table?)?  properties to set, or beside deny and warn to propose
---@field actions string|string[]|nil  by default create, update, replace, noop, adopt
---@field severity "critical"|"high"|"medium"|"low"|nil
---@field title string?
---@field why string?
---@field hint string?
---@field good table?              an example that keeps it: address -> properties
---@field bad table?               one that does not

---A rule that plans have to keep: `cso.policy "ID" { … }`. With a table: what holds for the whole stack.
---@param id string|{ builtin: boolean?, skip: table<string, string>? }
---@return fun(rule: cso.PolicyRule)
function cso.policy(id) end

---What was remembered under one address is under another now. Does nothing once it was moved.
---@param move { from: string, to: string }
function cso.moved(move) end

---These are no longer declared, and stay in the account when they are forgotten.
---@param addresses string[]
function cso.forget(addresses) end

---@param outputs table<string, any>
function cso.output(outputs) end

---The outputs of another stack of the workspace: one of this stack's `needs`.
---@param stack string
---@return table<string, any>
function cso.outputs(stack) end

---Never printed, never stored in clear.
---@param v any
---@return any
function cso.secret(v) end

---string.format for values that may be known later.
---@param format string
---@param ... any
---@return string|cso.Ref
function cso.fmt(format, ...) end

---table.concat for values that may be known later.
---@param list any[]
---@param separator string?
---@return string|cso.Ref
function cso.join(list, separator) end

---Known when all of the list is.
---@param list any[]
---@return cso.Ref
function cso.all(list) end

---A file beside the one that says it.
---@param path string
---@return string
function cso.file(path) end

---A rendered template file: ${expr | filter}, %{if …}, %{for …}, %{local …}, %{end}.
---@param path string
---@param values table?
---@return string|cso.Ref
function cso.template(path, values) end

---The same for a text.
---@param text string
---@param values table?
---@return string|cso.Ref
function cso.render(text, values) end

---@param text any
---@return any
function cso.base64(text) end

---@param v any
---@return boolean
function cso.is_ref(v) end

---As Terraform's cidrsubnet, cidrsubnets, cidrhost and cidrnetmask; IPv4 and IPv6.
cso.cidr = {}
---@param cidr string
---@param newbits integer
---@param number integer
---@return string
function cso.cidr.subnet(cidr, newbits, number) end
---@param cidr string
---@param ... integer
---@return string[]
function cso.cidr.subnets(cidr, ...) end
---@param cidr string
---@param number integer  negative: from the end
---@return string
function cso.cidr.host(cidr, number) end
---@param cidr string
---@return string
function cso.cidr.netmask(cidr) end
---@param outer string
---@param inner string  a block or an address
---@return boolean
function cso.cidr.contains(outer, inner) end
---@param one string
---@param other string
---@return boolean
function cso.cidr.overlaps(one, other) end
---@param cidr string
---@return { family: 4|6, prefix: integer, address: string, network: string, last: string, cidr: string }
function cso.cidr.parse(cidr) end

---@overload fun(v: any): string|cso.Ref
cso.json = { null = nil }
---@param v any
---@param options { indent: integer? }?
---@return string|cso.Ref
function cso.json.encode(v, options) end
---@param text string
---@return any
function cso.json.decode(text) end
---Marks a list, so that it is [] when it is empty.
---@param t table?
---@return table
function cso.json.array(t) end

cso.yaml = {}
---@param text string
---@return any
function cso.yaml.decode(text) end

---@overload fun(...: any)
cso.print = {}
---@param ... any
function cso.print.line(...) end
---@param headers string[]
---@param rows any[][]
function cso.print.table(headers, rows) end

---Runs the functions at the same time; the first failure cancels the others.
---@param fns (fun(): any)[]
---@return any[]
function cso.parallel(fns) end
---@param list any[]
---@param fn fun(item: any, index: integer): any
---@param options { limit: integer? }?
---@return any[]
function cso.map(list, fn, options) end
---@param fn fun(scope: { spawn: fun(self: any, fn: function, ...): any })
function cso.scope(fn) end
---@param seconds number|string  "90s", "5m"
function cso.sleep(seconds) end
---@param fn function
---@param ... any
---@return any task
function cso.spawn(fn, ...) end
---@param task any
---@return any ...
function cso.await(task) end
---@param seconds number|string  "90s", "5m"
---@param fn function
---@return any ...
function cso.timeout(seconds, fn) end
---@param n integer
---@return any
function cso.semaphore(n) end

return cso
