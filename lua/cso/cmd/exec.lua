--- csorun exec SERVICE.OPERATION [KEY=VALUE …]
local err = require "cso.std.err"
local target_of = require "cso.cmd.target"

-- What a dry run shows of a request: all but what would let somebody else send it.
local hidden = { authorization = true, ["x-amz-security-token"] = true,
  ["x-amz-s3session-token"] = true }

local function print_request(request, ctx)
  local lines, out = {}, { ("%s %s"):format(request.method or "POST", request.url or request.path or "") }
  for _, header in ipairs(request.headers or {}) do
    lines[#lines + 1] = ("%s: %s"):format(header[1], hidden[header[1]:lower()] and "(hidden)" or header[2])
  end
  table.sort(lines)
  table.move(lines, 1, #lines, 2, out)
  local body = request.body
  -- A URL that is signed ahead is one that somebody else could use.
  if type(body) == "string" then
    body = body:gsub("(X%-Amz%-Signature%%3D)%x+", "%1(hidden)"):gsub("(X%-Amz%-Security%-Token%%3D)[%w%%._~-]-(%%26)",
      "%1(hidden)%2")
  end
  if type(body) == "string" and body ~= "" then
    out[#out + 1] = ""
    out[#out + 1] = utf8.len(body) and body or ("(%d bytes)"):format(#body)
  elseif type(body) == "table" then
    out[#out + 1] = ""
    out[#out + 1] = tostring(body)
  end
  ctx.out(table.concat(out, "\n") .. "\n")
end

-- What the model marks as sensitive, as stars: as many, so that the request stays a valid one.
local function starred(v, shape, lookup)
  if shape.sensitive and type(v) == "string" then return ("*"):rep(#v) end
  if type(v) ~= "table" or require("cso.aws.file").is(v) then return v end
  local out = setmetatable({}, getmetatable(v))
  for k, item in next, v do
    local ref = shape.member or shape.value or shape.members and shape.members[k]
    out[k] = ref and starred(item, lookup(ref.shape), lookup) or item
  end
  return out
end

-- Signed as it would be sent; without credentials as far as it can be made.
local function dry_run(client, target, input, ctx)
  if not ctx.opts.reveal and target.operation.input then
    input = starred(input, target.lookup(target.operation.input.shape), target.lookup)
  end
  local request, e = client:signed(target.name, input)
  if not request and e.class == "credentials" then
    ctx.note("not signed: " .. e.message:match("^[^\n]*") .. "\n")
    local stranger = setmetatable({ credentials = require("cso.aws.credentials").none() }, { __index = client })
    request, e = stranger:signed(target.name, input)
  end
  if not request then return nil, e end
  print_request(request, ctx)
  return 0
end

-- The member of an answer that is a stream of bytes.
local function content_of(target)
  local shape = target.operation.output and target.lookup(target.operation.output.shape)
  local ref = shape and shape.payload and shape.members[shape.payload]
  local content = ref and target.lookup(ref.shape)
  if content and content.type == "blob" and (ref.streaming or content.streaming) then return shape.payload end
end

-- The content takes its name once it is whole and right.
local function save(client, target, input, path)
  if require("cso.std.fs").is_no_file(path) then
    return nil, err.new { code = "file", class = "usage", message = ("--out %s: that is no file"):format(path),
      hint = "name a file; csorun s3 cp s3://BUCKET/KEY - writes to the standard output" }
  end
  local part = path .. ".csorun-part"
  local file, why = io.open(part, "wb")
  if not file then
    return nil, err.new { code = "file", class = "config", message = ("can't write %s: %s"):format(path, why) }
  end
  file:close()
  local output, e = client:call(target.name, input, { to_file = part })
  local ok
  if output then
    ok, e = require("cso.std.fs").rename(part, path)
    output[content_of(target)] = nil
  end
  if not ok then
    os.remove(part)
    return nil, e
  end
  return output
end

local function out_fault(target, opts)
  local member = content_of(target)
  local with = opts.all_pages and "--all-pages" or opts.wait and "--wait" or opts.dry_run and "--dry-run"
  if member and not with then return nil end
  return err.new { code = "usage", class = "usage",
    message = with and ("--out does not go with %s"):format(with)
      or ("--out takes streamed content, and %s.%s answers with none"):format(target.service, target.name) }
end

local function collect(client, target, input, opts)
  if opts.out then return save(client, target, input, opts.out) end
  if not opts.all_pages then return client:call(target.name, input) end
  return require("cso.aws.page").joined(client, target.name, input)
end

-- A waiter belongs to one operation: asked with another's parameters it would wait for nothing.
local function wait_for(client, target, input, name)
  local waiter = client.model:waiter(name)
  if waiter and waiter.operation == target.name then
    local done, e = client:wait(name, input)
    return done and 0, e
  end
  local fitting = {}
  for _, other in ipairs(client.model:waiters()) do
    if client.model:waiter(other).operation == target.name then fitting[#fitting + 1] = other end
  end
  return nil, err.new { code = "UnknownWaiter", class = "usage",
    message = ("%s.%s has no waiter %s"):format(target.service, target.name, name),
    hint = fitting[1] and "it has " .. table.concat(fitting, ", ")
      or waiter and ("that one asks %s"):format(waiter.operation) or nil }
end

local function print_answer(v, opts, ctx)
  if opts.raw and type(v) ~= "table" then
    ctx.out(v == nil and "" or tostring(v) .. "\n")
  elseif ctx.opts.json then
    local json = require "cso.std.json"
    ctx.out(json.encode(v == nil and json.null or v, { indent = 2, sort = true }) .. "\n")
  else
    local show = require "cso.ui.show"
    if type(v) == "table" and next(v) == nil then return end
    ctx.out(table.concat(show.block(v), "\n") .. "\n")
  end
end

-- Events as they arrive, one line of JSON each; first what the answer says beside them.
local function listen(client, target, input, opts, ctx)
  local answer, json = require "cso.cmd.answer", require "cso.std.json"
  local shape = target.lookup(target.operation.output.shape)
  local _, member = require("cso.aws.talk").members(client.model, target.operation)
  local of_event = target.lookup(shape.members[member].shape)
  local begun, e = client:talk(target.name, input)
  if not begun then return nil, e end
  local talk <close> = begun
  local function tell(v, of)
    ctx.out(json.encode(answer.plain(v, of, target.lookup, { reveal = opts.reveal }), { sort = true }) .. "\n")
  end
  local ok
  ok, e = talk:finish()
  if not ok then return nil, e end
  local told = false
  while true do
    local event
    event, e = talk:next()
    if not told and next(talk.output) ~= nil then
      told = true
      tell(talk.output, shape)
    end
    if not event then return not e and 0 or nil, e end
    tell(event, of_event)
  end
end

return {
  name = "exec",
  help = "Call any operation of any AWS service",
  args = { { name = "SERVICE.OPERATION", complete = "operation" },
    { name = "KEY=VALUE", optional = true, many = true } },
  options = {
    { long = "query", value = "JMESPATH", help = "show only what the expression selects" },
    { long = "raw", help = "print a single value as it is, without quotes" },
    { long = "all-pages", help = "follow the pages and join their lists" },
    { long = "out", value = "FILE", complete = "file", help = "write the content of a streamed answer to FILE" },
    { long = "wait", value = "WAITER", help = "ask until the model's waiter is satisfied" },
    { long = "reveal", help = "show what the model marks as sensitive" },
    { long = "dry-run", help = "print the signed request instead of sending it" },
  },
  text = table.concat({
    "Values are typed by the operation's model:",
    "  csorun exec ec2.DescribeInstances InstanceIds=i-1,i-2 MaxResults=10",
    "  csorun exec ec2.DescribeVpcs Filters.0.Name=tag:Name Filters.0.Values=main",
    "  csorun exec lambda.Invoke FunctionName=f Payload=@event.json",
    "  csorun exec dynamodb.PutItem @item.json --dry-run",
    "  csorun exec ec2.DescribeVpcs --query 'Vpcs[].VpcId' --json",
    "  csorun exec s3.GetObject Bucket=b Key=disk.img --out disk.img",
    "  csorun exec bedrock-runtime.ConverseStream @question.json     events, a line each, as they arrive",
    "  csorun exec ec2.DescribeVpcs VpcIds=vpc-1 --wait VpcAvailable",
  }, "\n"),
  waits = true,
  run = function(opts, args, ctx)
    local target, e = target_of.find(args[1], "exec", args[2])
    if not target then return nil, e end
    local input
    input, e = target_of.input(target, args)
    if not input then return nil, e end
    if opts.query then
      -- Before anything is done: a slip in the expression must not cost the answer of a change.
      local fine
      fine, e = require("cso.std.jmespath").compile(opts.query)
      if not fine then return nil, err.wrap(e, "usage") end
    end
    e = opts.out and out_fault(target, opts)
    if e then return nil, e end
    local client
    client, e = ctx.session:client(target.service, {})
    if not client then return nil, e end
    if opts.dry_run then return dry_run(client, target, input, ctx) end
    if opts.wait then return wait_for(client, target, input, opts.wait) end
    -- An expression is about the whole answer; it waits for the last event.
    if not opts.query and select(2, require("cso.aws.talk").members(client.model, target.operation)) then
      return listen(client, target, input, opts, ctx)
    end
    local output
    output, e = collect(client, target, input, opts)
    if not output then return nil, e end
    local answer = require "cso.cmd.answer"
    local plain = answer.plain(output, target.operation.output
      and target.lookup(target.operation.output.shape), target.lookup, { reveal = opts.reveal })
    if opts.query then
      local jmespath = require "cso.std.jmespath"
      plain, e = jmespath.search(opts.query, plain)
      if plain == nil and e then return nil, err.wrap(e, "usage") end
    end
    print_answer(plain, opts, ctx)
    return 0
  end,
}
