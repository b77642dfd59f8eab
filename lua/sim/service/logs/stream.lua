--- Streams and what is written to them.
local base = require "sim.service.logs.base"

local stream = {}

local function id_of(group, name) return group .. "|" .. name end

local function need(ctx, group, name)
  local row = ctx:table("LogStream"):get(id_of(group.logGroupName, name))
  if not row then ctx:fail("ResourceNotFoundException", "The specified log stream does not exist.") end
  return row
end

function stream.CreateLogStream(ctx, input)
  local group = base.group(ctx, input.logGroupName)
  local name = input.logStreamName
  if name:find("[:*]") then ctx:fail("InvalidParameterException", "A log stream name can't contain ':' or '*'.") end
  local id = id_of(group.logGroupName, name)
  if ctx:table("LogStream"):get(id) then
    ctx:fail("ResourceAlreadyExistsException", "The specified log stream already exists")
  end
  ctx:table("LogStream"):put(id, { logStreamName = name, creationTime = base.ms(ctx), storedBytes = 0, _id = id,
    arn = group.logGroupArn .. ":log-stream:" .. name, _group = group.logGroupName, _events = {} })
  return {}
end

function stream.DescribeLogStreams(ctx, input)
  local group = base.group(ctx, input.logGroupName or input.logGroupIdentifier)
  return base.page(ctx, ctx:table("LogStream"):by("_group", group.logGroupName), "logStreamName",
    input.logStreamNamePrefix, input,
    "logStreams")
end

function stream.DeleteLogStream(ctx, input)
  local row = need(ctx, base.group(ctx, input.logGroupName), input.logStreamName)
  ctx:table("LogStream"):delete(row._id)
  return {}
end

function stream.PutLogEvents(ctx, input)
  local row = need(ctx, base.group(ctx, input.logGroupName), input.logStreamName)
  local last = 0
  for _, e in ipairs(input.logEvents) do
    if e.timestamp < last then
      ctx:fail("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.")
    end
    last = e.timestamp
  end
  for _, e in ipairs(input.logEvents) do
    table.insert(row._events, { timestamp = e.timestamp, message = e.message, ingestionTime = base.ms(ctx) })
  end
  row.firstEventTimestamp = row._events[1] and row._events[1].timestamp
  row.lastEventTimestamp, row.lastIngestionTime = last, base.ms(ctx)
  row.uploadSequenceToken = ctx.ids:hex(32)
  ctx:table("LogStream"):put(row._id, row)
  return { nextSequenceToken = row.uploadSequenceToken }
end

local function between(input, event)
  return (not input.startTime or event.timestamp >= input.startTime) and (not input.endTime or event.timestamp <= input.endTime)
end

function stream.GetLogEvents(ctx, input)
  local row, list = need(ctx, base.group(ctx, input.logGroupName or input.logGroupIdentifier), input.logStreamName), {}
  for _, e in ipairs(row._events) do
    if between(input, e) then list[#list + 1] = e end
  end
  -- Everything is one page; a token that has been seen gives nothing more, and itself again.
  local limit = input.limit or 10000
  if input.nextToken then list = {} end
  if #list > limit then
    list = table.move(list, input.startFromHead and 1 or #list - limit + 1, input.startFromHead and limit or #list, 1, {})
  end
  return { events = list, nextForwardToken = "f/" .. #row._events, nextBackwardToken = "b/" .. #row._events }
end

function stream.FilterLogEvents(ctx, input)
  local group, wanted, list = base.group(ctx, input.logGroupName or input.logGroupIdentifier), nil, {}
  if input.logStreamNames then
    wanted = {}
    for _, name in ipairs(input.logStreamNames) do wanted[name] = true end
  end
  local prefix, text = input.logStreamNamePrefix, input.filterPattern and input.filterPattern:gsub('"', "")
  for _, row in ipairs(ctx:table("LogStream"):by("_group", group.logGroupName)) do
    if (not wanted or wanted[row.logStreamName]) and (not prefix or row.logStreamName:sub(1, #prefix) == prefix) then
      for i, e in ipairs(row._events) do
        if between(input, e) and (not text or text == "" or e.message:find(text, 1, true)) then
          list[#list + 1] = { logStreamName = row.logStreamName, timestamp = e.timestamp, message = e.message,
            ingestionTime = e.ingestionTime, eventId = ("%s-%d"):format(row._id, i) }
        end
      end
    end
  end
  table.sort(list, function(a, b)
    if a.timestamp ~= b.timestamp then return a.timestamp < b.timestamp end
    return a.eventId < b.eventId
  end)
  local page, token = ctx:page(list, input.nextToken, input.limit, 10000, "InvalidParameterException")
  return { events = page, nextToken = token, searchedLogStreams = {} }
end

return stream
