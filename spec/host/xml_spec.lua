local xml = require "host.xml"

local function fails(text, options)
  local node, err = xml.decode(text, options)
  assert.is_nil(node, "accepted: " .. text:sub(1, 60))
  assert.equal("xml", err.code)
  assert.is_true(err.line >= 1 and err.column >= 1)
  return err
end

describe("host.xml decode", function()
  it("makes a compact tree: local names, text of leaves, attributes", function()
    local node = assert(xml.decode(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ns:R xmlns:ns="http://x/" xmlns="http://y/" a="1"' ..
      ' xsi:type="T">\n <Item><Id>i-1</Id><Empty/></Item>\n <Item><Id> a &amp; b&#10;&lt;</Id>' ..
      '</Item>\n</ns:R>'))
    assert.same({
      name = "R", attrs = { a = "1", type = "T" },
      { name = "Item", { name = "Id", text = "i-1" }, { name = "Empty" } },
      { name = "Item", { name = "Id", text = " a & b\n<" } },
    }, node)
  end)

  it("keeps xmlns on request", function()
    local node = xml.decode('<a xmlns="http://x/" xmlns:p="http://p/" q="1"/>', { xmlns = true })
    assert.same({ xmlns = "http://x/", ["xmlns:p"] = "http://p/", q = "1" }, node.attrs)
  end)

  it("joins character data around entities, CDATA and comments", function()
    assert.equal("a<b>&c\u{e9}", xml.decode("<a>a&lt;b<![CDATA[>&]]><!-- x -->c&#233;</a>").text)
  end)

  it("keeps white space in a leaf and drops it between elements", function()
    assert.equal("  ", xml.decode("<a>  </a>").text)
    assert.is_nil(xml.decode("<a> <b/> </a>").text)
    assert.equal("xy", xml.decode("<a>x<b>inner</b>y</a>").text)
    assert.equal("inner", xml.decode("<a>x<b>inner</b>y</a>")[1].text)
  end)

  it("reads the encodings that XML names", function()
    assert.equal("\u{e9}", xml.decode('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>').text)
    assert.equal("\u{e9}", xml.decode("\xef\xbb\xbf<a>\u{e9}</a>").text)
  end)

  it("refuses every DOCTYPE, so that no entity can be declared", function()
    local laughs = { '<!DOCTYPE l [<!ENTITY a "ha">' }
    for i = 1, 20 do
      laughs[#laughs + 1] = ('<!ENTITY a%d "&a%s;&a%s;">'):format(i, i > 1 and i - 1 or "",
        i > 1 and i - 1 or "")
    end
    laughs[#laughs + 1] = "]><l>&a20;</l>"
    assert.matches("DOCTYPE", fails(table.concat(laughs)).message)
    assert.matches("DOCTYPE", fails('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>').message)
    assert.matches("DOCTYPE", fails("<!DOCTYPE html><html/>").message)
    fails "<a>&nbsp;</a>"
  end)

  it("stops at a depth bomb of a million levels", function()
    assert.matches("too deeply", fails(("<a>"):rep(1000000)).message)
    assert.truthy(xml.decode(("<a>"):rep(256) .. ("</a>"):rep(256)))
    fails(("<a>"):rep(257) .. ("</a>"):rep(257))
    assert.truthy(xml.decode(("<a>"):rep(2000) .. ("</a>"):rep(2000), { max_depth = 2000 }))
  end)

  it("fails cleanly when cut at any byte", function()
    local whole = '<?xml version="1.0"?><a b="c\u{e9}"><d>x&amp;y</d><![CDATA[z]]><e/></a>'
    assert.truthy(xml.decode(whole))
    for n = 0, #whole - 1 do fails(whole:sub(1, n)) end
  end)

  it("survives any changed byte", function()
    local whole = '<a b="c"><d>x&amp;y</d><![CDATA[z]]><e/></a>'
    for i = 1, #whole do
      for _, byte in ipairs { 0, 1, 33, 34, 38, 47, 60, 62, 93, 128, 255 } do
        local node, err = xml.decode(whole:sub(1, i - 1) .. string.char(byte) .. whole:sub(i + 1))
        assert.is_true(node ~= nil or err.line >= 1)
      end
    end
  end)

  it("refuses what is not XML", function()
    for _, text in ipairs { "", "x", "<a>", "<a></b>", "<a b=c/>", "<a b='1' b='2'/>", "<a/><b/>",
      "<a>\xff</a>", "<a>\1</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a \0/>", "{}", "<>" } do
      fails(text)
    end
    local err = fails("<a>\n  <b></c>\n</a>", { name = "answer" })
    assert.equal(2, err.line)
    assert.matches("^answer: line 2, column %d+: ", err.message)
    assert.error_matches(function() xml.decode("<a/>", { depth = 1 }) end, "unknown option 'depth'")
  end)

  it("takes wide documents", function()
    local node = assert(xml.decode("<l>" .. ("<i>1</i>"):rep(20000) .. "</l>"))
    assert.equal(20000, #node)
    assert.equal("1", node[20000].text)
  end)
end)

-- A comment is nothing that the short way takes: with one behind it a document is read by expat.
local function same_by_both(text, options)
  local short, long = xml.decode(text, options), xml.decode(text .. "<!---->", options)
  if short == nil or long == nil then
    assert.is_true(short == long, "one takes what the other refuses: " .. text)
  else
    assert.same(long, short, text)
  end
end

describe("host.xml by its short way", function()
  local whole = '<?xml version="1.0" encoding="UTF-8"?>\n<p:r xmlns="u" xmlns:p=\'v\' a.b="1 ]&gt;"><s>x &amp;&lt;y</s>\n' ..
    '<t/> <u  k = "\u{e9}">\u{20ac}]]</u ><v>&quot;&apos;&gt;</v><w> </w><v></v></p:r>\n'

  it("reads what expat reads", function()
    same_by_both(whole)
    same_by_both(whole, { xmlns = true })
    for _, text in ipairs { "<a/>", " <a/>", "<a></a>\n", "<a>]]></a>", "<a>]]&gt;</a>", "<a:b/>", "<:b/>", "<b:/>",
      "<a:b:c/>", '<a b="1" b="2"/>', '<a x:b="1" y:b="2"/>', '<a b="<"/>', '<a b="1"c="2"/>', "<a b='\t\n'/>",
      "<a>\r\n</a>", "<a>\u{fffe}</a>", "<a>\u{ffff}</a>", "<a>\u{fffd}</a>", "<a>\xed\xa0\x80</a>", "<a>\xc0\x80</a>",
      "<a>\u{10ffff}</a>", "<a>\0</a>", "<a/>\0", "<a>\127</a>", "<a></b>", "<a></ab>", "<ab></a>", "<a><b></a></b>",
      "<a/><b/>", "<a>x<b/></a>", "<a><b/>x</a>", "<a><b/>&amp;</a>", "<a>&amp;<b/></a>", "<a>&amp;amp;</a>",
      "<a>&#38;</a>", "<a>&ampx</a>", "<1/>", "<-a/>", "< a/>", "<a / >", "</a>", "<a/>x", "<?xml version='1.1'?><a/>",
      "<?xml version=\"1.0\"?>x<a/>", " <?xml version=\"1.0\"?><a/>", "<a><?pi?></a>", "<a xmlns:a=''/>" } do
      same_by_both(text)
      same_by_both(text, { xmlns = true })
    end
  end)

  it("gives way wherever a byte is another one, is missing, or is the last", function()
    for i = 1, #whole do
      same_by_both(whole:sub(1, i - 1) .. whole:sub(i + 1))
      same_by_both(whole:sub(1, i))
      for byte in ("\0\t\n\r !\"&'/:;<=>?[]ax\127\x80\xc3\xe2\xef\xf4"):gmatch "." do
        same_by_both(whole:sub(1, i - 1) .. byte .. whole:sub(i + 1))
        same_by_both(whole:sub(1, i) .. byte .. whole:sub(i + 1))
      end
    end
  end)

  it("keeps the limits of the long one", function()
    for depth = 62, 67 do
      same_by_both(("<a>"):rep(depth) .. ("</a>"):rep(depth))
      same_by_both(("<a>"):rep(depth) .. ("</a>"):rep(depth), { max_depth = 64 })
    end
    fails(("<a>"):rep(5) .. ("</a>"):rep(5), { max_depth = 4 })
    local many = {}
    for i = 1, 12 do many[i] = (' a%d="%d"'):format(i, i) end
    for n = 7, 12 do same_by_both("<a" .. table.concat(many, "", 1, n) .. "/>") end
  end)
end)

describe("host.xml escape", function()
  it("escapes what a parser would read otherwise", function()
    assert.equal("&lt;a b=&quot;&apos;&quot;&gt; &amp;&#13;\n", xml.escape "<a b=\"'\"> &\r\n")
    assert.equal("plain \u{e9}", xml.escape "plain \u{e9}")
    assert.equal("", xml.escape "")
    local text = "<&>\"'\r\n\t\u{10ffff} x"
    assert.equal(text, xml.decode("<a>" .. xml.escape(text) .. "</a>").text)
  end)

  it("refuses what XML cannot hold", function()
    for _, text in ipairs { "a\0", "\1", "\xff", "\u{ffff}", "\x1b[0m" } do
      local escaped, err = xml.escape(text)
      assert.is_nil(escaped)
      assert.equal("xml", err.code)
    end
  end)
end)

describe("host.xml with a DOCTYPE that was asked for", function()
  local function read(text) return xml.decode(text, { doctype = true }) end

  it("knows its own entities and defaults, and nothing outside", function()
    local text = '<!DOCTYPE a [<!ENTITY e "x"><!ATTLIST a b CDATA "1"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    local node = assert(read(text .. "<a>&e;&f;</a>"))
    assert.equal("x", node.text)
    assert.equal("1", node.attrs.b)
    assert.is_nil((xml.decode(text .. "<a/>")))
    assert.is_nil((read('<!DOCTYPE a [<!ENTITY e "&e;">]><a>&e;</a>')))
  end)

  it("stops entities that grow without end", function()
    local parts = { '<!DOCTYPE a [<!ENTITY e0 "' .. ("x"):rep(1000) .. '">' }
    for i = 1, 9 do parts[#parts + 1] = ('<!ENTITY e%d "%s">'):format(i, ("&e" .. i - 1 .. ";"):rep(10)) end
    local node, e = read(table.concat(parts) .. "]><a>&e9;</a>")
    assert.is_nil(node)
    assert.matches("amplification", e.message)
  end)
end)
