--- What hostile servers do, by name: each is given a connection of spec.support.raw_server.
local behaviours = {}

local OK = "HTTP/1.1 200 OK\r\n"

-- Listens to the request and goes on with what was given.
local function after_request(act)
  return function(c)
    if c:request() then act(c) end
  end
end

local function says(bytes)
  return after_request(function(c) c:send(bytes) end)
end

local function with_body(headers, body)
  return after_request(function(c) c:answer(200, headers, body) end)
end

-- The same bytes many times over, without ever having all of them in memory here.
local function repeated(head, part, count, tail)
  return after_request(function(c)
    c:send(head)
    local block = part:rep(math.max(1, 65536 // #part))
    local per_block = #block // #part
    for _ = 1, count // per_block do c:send(block) end
    c:send(part:rep(count % per_block) .. tail)
  end)
end

local XML = "content-type: text/xml\r\n"
local JSON = "content-type: application/x-amz-json-1.0\r\n"

--- Bytes that are no HTTP answer, or a broken one.
behaviours.broken = {
  ["garbage"] = says(("\0\1\2\255\254garbage"):rep(1000)),
  ["no status line"] = says "content-type: text/xml\r\n\r\nhello",
  ["an answer of HTTP/0.9"] = says "<html>hello</html>",
  ["nothing at all"] = after_request(function() end),
  ["a reset"] = after_request(function(c) c:reset() end),
  ["a reset within the body"] = after_request(function(c)
    c:send(OK .. "content-length: 1000\r\n\r\nabc")
    c:reset()
  end),
  ["a body that is shorter than promised"] = says(OK .. "content-length: 1000\r\n\r\nabc"),
  ["a negative length"] = says(OK .. "content-length: -5\r\n\r\nabc"),
  ["a length that is no number"] = says(OK .. "content-length: many\r\n\r\nabc"),
  ["two lengths"] = says(OK .. "content-length: 3\r\ncontent-length: 2\r\n\r\nabc"),
  ["a length beyond all numbers"] = says(OK .. "content-length: 99999999999999999999999\r\n\r\nabc"),
  ["broken chunks"] = says(OK .. "transfer-encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"),
  ["a giant chunk"] = says(OK .. "transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nabc"),
  ["chunks without an end"] = says(OK .. "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"),
  ["a nul in a header"] = says(OK .. "x-amzn-requestid: a\0b\r\ncontent-length: 2\r\n\r\n{}"),
  ["a status of four digits"] = says "HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\n{}",
  ["another protocol"] = says "SSH-2.0-OpenSSH_9.2\r\n",
  ["no end of interim answers"] = after_request(function(c)
    c:flood(("HTTP/1.1 100 Continue\r\n\r\n"):rep(1000))
  end),
  ["interim answers with headers"] = after_request(function(c)
    c:flood(("HTTP/1.1 103 Early Hints\r\nlink: " .. ("x"):rep(1000) .. "\r\n\r\n"):rep(50))
  end),
}

--- Too much of something.
behaviours.large = {
  ["a giant header"] = says(OK .. "x-big: " .. ("x"):rep(8 * 1024 * 1024) .. "\r\n\r\n"),
  ["headers without end"] = after_request(function(c)
    c:send(OK)
    c:flood(("x-more: " .. ("y"):rep(100) .. "\r\n"):rep(100))
  end),
  ["a giant body"] = repeated(OK .. "content-length: 4000000000\r\n\r\n", "A", 4000000000, ""),
  ["a body without end"] = after_request(function(c)
    c:send(OK .. "\r\n")
    c:flood(("<a>"):rep(20000))
  end),
  ["chunks without number"] = after_request(function(c)
    c:send(OK .. "transfer-encoding: chunked\r\n\r\n")
    c:flood(("1000\r\n" .. ("x"):rep(4096) .. "\r\n"):rep(20))
  end),
}

local LAUGHS = [[<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
<!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;"><!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;">]><a>&h;</a>]]
local OUTSIDE = [[<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>]]

local function sized(headers, opening, part, count, closing)
  local length = #opening + #part * count + #closing
  return repeated(("%s%scontent-length: %d\r\n\r\n%s"):format(OK, headers, length, opening), part, count, closing)
end

--- Documents made to cost their reader much: of XML.
behaviours.xml = {
  ["billion laughs"] = with_body(XML, LAUGHS),
  ["an outside entity"] = with_body(XML, OUTSIDE),
  ["a million levels"] = sized(XML, "", "<a>", 1000000, ""),
  ["a million levels that end"] = sized(XML, ("<a>"):rep(1000000), "</a>", 1000000, ""),
  ["ten million elements"] = sized(XML, "<a><vpcSet>", "<item/>", 6800000, "</vpcSet></a>"),
  ["a million attributes"] = after_request(function(c)
    local list = { "<a" }
    for i = 1, 1000000 do list[i + 1] = (" a%d='1'"):format(i) end
    list[#list + 1] = "/>"
    c:answer(200, XML, table.concat(list))
  end),
  ["bytes that are no text"] = with_body(XML, "<a>\255\254\192\128</a>"),
  ["a body that is compressed"] = with_body(XML .. "content-encoding: gzip\r\n", "\31\139\8" .. ("\0"):rep(1000)),
  ["an unknown encoding"] = with_body(XML, '<?xml version="1.0" encoding="x-none"?><a/>'),
}

--- The same of JSON.
behaviours.json = {
  ["a million levels"] = sized(JSON, "", "[", 1000000, ""),
  ["a million levels of objects"] = sized(JSON, "", '{"a":', 1000000, ""),
  ["ten million lists"] = sized(JSON, '{"TableNames":[', "[],", 10000000, "[]]}"),
  ["a million members"] = after_request(function(c)
    local list = { '{"TableNames":["a"]' }
    for i = 1, 1000000 do list[i + 1] = ('"m%d":1'):format(i) end
    c:answer(200, JSON, table.concat(list, ",") .. "}")
  end),
  ["a long number"] = sized(JSON, '{"a":', "9", 30000000, "}"),
  ["bytes that are no text"] = with_body(JSON, '{"TableNames":["\255\254"]}'),
  ["a nul in the midst"] = with_body(JSON, '{"TableNames":\0[]}'),
  ["two documents"] = with_body(JSON, "{}{}"),
  ["an object where a list belongs"] = with_body(JSON, '{"TableNames":{"a":"b"}}'),
  ["another type"] = with_body(JSON, "[1,2,3]"),
  ["a string"] = with_body(JSON, '"yes"'),
  ["null"] = with_body(JSON, "null"),
  ["false"] = with_body(JSON, "false"),
  ["a string where a list belongs"] = with_body(JSON, '{"TableNames":"a"}'),
  ["a list where a string belongs"] = with_body(JSON, '{"TableNames":[["a"]]}'),
  ["a page of a proxy"] = with_body("content-type: text/html\r\n", "<html><body>Sign in</body></html>"),
}

--- Too little, too late.
behaviours.slow = {
  ["a status line, then headers, byte by byte"] = after_request(function(c)
    c:send(OK)
    c:drip("x-slow: " .. ("x"):rep(10000), 0.5)
  end),
  ["a body, byte by byte"] = after_request(function(c)
    c:send(OK .. "content-length: 100000\r\n\r\n")
    c:drip(("x"):rep(10000), 0.5)
  end),
}

return behaviours
