local template = require("cso.playbook.template")
local value = require("cso.std.value")

local function render(text, vars)
  return template.render(text, "t.tmpl", vars)
end

local function refused(text, vars)
  local ok, e = pcall(render, text, vars)
  assert.is_false(ok, text)
  return tostring(e)
end

describe("a template", function()
  it("puts in expressions", function()
    assert.are.equal("a=1 b=x-y {c}", render("a=${a} b=${b .. '-y'} {c}", { a = 1, b = "x" }))
    assert.are.equal("} | x", render([[${"}"} ${'|'} ${({ "x" })[1]}]]))
    assert.are.equal("3", render("${#list}", { list = { 1, 2, 3 } }))
  end)

  it("has statements; alone on a line they take the line with them", function()
    local text = table.concat({
      "begin", "%{if index == 1}", "first", "%{elseif index == 2}", "second", "%{else}", "other", "%{end}",
      "  %{for i, name in ipairs(names)}  ", "  - ${i} ${name}", "  %{end}", "%{local x = #names}", "${x}", "end",
    }, "\n") .. "\n"
    local function of(index) return render(text, { index = index, names = { "a", "b" } }) end
    assert.are.equal("begin\nfirst\n  - 1 a\n  - 2 b\n2\nend\n", of(1))
    assert.are.equal("begin\nsecond\n  - 1 a\n  - 2 b\n2\nend\n", of(2))
    assert.are.equal("begin\nother\n  - 1 a\n  - 2 b\n2\nend\n", of(3))
    assert.are.equal("a, b", render("%{for i, n in ipairs(names)}%{if i > 1}, %{end}${n}%{end}", { names = { "a", "b" } }))
  end)

  it("keeps what is escaped and what only looks like its own", function()
    assert.are.equal("${HOST} $x %{http_code} 100% $$ ${x}", render("$${HOST} $x %%{http_code} 100% $$ $${x}"))
    assert.are.equal("\r\n%d %\n", render("\r\n%d %\n"))
    assert.are.equal("%{http_code} %{…} %{}", render("%{http_code} %{…} %{}"))
    assert.are.equal("# ${expr} of a, b\n", render("# ${expr} of ${x}, %{local y = 'b'}${y}\n", { x = "a" }))
    assert.are.equal("", render(""))
  end)

  it("has filters, one after the other", function()
    assert.are.equal([['it'\''s' plain '' 'a b' c]],
      render("${a | shell} ${b | shell} ${c | shell} ${d | shell}", { a = "it's", b = "plain", c = "", d = { "a b", "c" } }))
    assert.are.equal('{"a":[1,true]}', render("${t | json}", { t = { a = { 1, true } } }))
    assert.are.equal("&lt;a href=&quot;x&quot;&gt;", render('${"<a href=\\"x\\">" | xml}'))
    assert.are.equal("x:\n    a\n\n    b", render("x:\n    ${t | indent(4)}", { t = "a\n\nb" }))
    assert.are.equal("QQ==", render("${a | upper | base64}", { a = "a" }))
    assert.are.equal("a-b", render("${l | join('-')}", { l = { "a", "b" } }))
    assert.are.equal("a%20b%2F", render("${'a b/' | url}"))
  end)

  it("is known later when what stands in it is", function()
    local r = value.ref("RDS.DBInstance.db", "Endpoint.Address")
    local out = render("host=${h | shell}\ndoc=${d | json}\n", { h = r, d = { host = r } })
    assert.is_true(value.is_ref(out))
    assert.are.equal("host='a b'\ndoc={\"host\":\"a b\"}\n", value.resolve(out, function() return "a b" end))
    assert.is_true(value.is_unknown(value.resolve(out, function() return value.unknown {} end)))
  end)

  it("is a secret when a secret stands in it", function()
    local out = render("p=${p | shell}", { p = value.secret("a b") })
    assert.is_true(value.is_secret(out))
    assert.are.equal("p='a b'", value.reveal(out))
  end)

  it("is strict, with the template's own line", function()
    for text, said in pairs {
      ["a\n${nam}"] = "t.tmpl:2: nam is not defined (did you mean name?)",
      ["\n\n${name:foo()}"] = "t.tmpl:3: attempt to call a nil value (method 'foo')",
      ["\n${vars.x}"] = "t.tmpl:2: this expression is nil (say what stands there then: ${x or \"\"})",
      ["${list}"] = "t.tmpl:1: a table has no text (use a filter: ${x | json})",
      ["%{if name}\n\n"] = "t.tmpl:1: this statement has no %{end}",
      ["\n%{end}"] = "t.tmpl:2: this %{end} ends nothing",
      ["\n%{esle}"] = "t.tmpl:2: %{esle} is no statement (did you mean else? Write %%{ for a literal %{)",
      ["\n%{else if x}"] = "t.tmpl:2: %{else if x} is no statement (there are if",
      ["x # ${nam}"] = "t.tmpl:1: nam is not defined",
      ["# ${nam .. 1}"] = "t.tmpl:1: nam is not defined",
      ["${name | shel}"] = "t.tmpl:1: there is no filter shel (did you mean shell?)",
      ["a\n${name"] = "t.tmpl:2: this ${ or %{ has no closing }",
      ["a\n${ }"] = "t.tmpl:2: an empty ${}",
      ["\n${name +}"] = "t.tmpl:2: syntax error: unexpected symbol near ')'",
      ["\n%{for x list}\n%{end}"] = "t.tmpl:2: syntax error: '=' or 'in' expected near 'list'",
      ["${os.exit()}"] = "t.tmpl:1: os is not defined",
      ["%{local f = {}}\n\n${f.x.y}"] = "t.tmpl:3: attempt to index a nil value (field 'x')",
    } do
      local message = refused(text, { name = "n", list = {} })
      assert.are.equal(said, message:sub(1, #said), text)
    end
  end)

  it("refuses to decide on what is known later", function()
    local r = value.ref("a.b.c", "d")
    assert.truthy(refused("\n%{for _, x in ipairs(r)}${x}%{end}", { r = r }):find("t.tmpl:2: can't loop over", 1, true))
    assert.truthy(refused("${r}", { r = value.ref("a.b.c") }):find("name the attribute", 1, true))
  end)

  it("can be checked without values", function()
    assert.is_true(template.check("%{if a}${b | json}%{end}", "t"))
    local ok, e = template.check("\n${b +}", "t")
    assert.is_nil(ok)
    assert.are.equal("t:2", e.where)
  end)
end)
