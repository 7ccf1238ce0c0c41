using System.Net;
using System.Xml.Linq;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>A strict reader of the HTML that we write: one root, every element closed in order, attributes quoted and not repeated, ids unique.</summary>
/// <remarks>Stricter than a browser on purpose: what a browser would repair is a mistake of ours, or an injection.</remarks>
public sealed class HtmlPage
{
    private static readonly HashSet<string> Void = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"];

    private readonly string _html;
    private int _at;

    private HtmlPage(string html)
    {
        _html = html;
        Root = new XElement("none");
    }

    public XElement Root { get; private set; }

    public string Text => Root.Value;

    public IEnumerable<XElement> All(string name) => Root.Descendants(name);

    public static HtmlPage Parse(string html)
    {
        var page = new HtmlPage(html);
        page.ReadDocument();
        var repeated = page.Root.Descendants().Attributes("id").GroupBy(a => a.Value).Where(g => g.Count() > 1).Select(g => g.Key).ToArray();
        return repeated.Length == 0 ? page : throw new FormatException($"Repeated id: {string.Join(", ", repeated)}.");
    }

    private void ReadDocument()
    {
        SkipSpace();
        if (!_html.AsSpan(_at).StartsWith("<!DOCTYPE html>")) throw Error("no doctype");
        _at += "<!DOCTYPE html>".Length;
        var open = new Stack<XElement>();
        var holder = new XElement("document");
        open.Push(holder);
        while (_at < _html.Length)
        {
            if (_html[_at] != '<') open.Peek().Add(new XText(ReadText()));
            else if (Next("<!--")) _at = _html.IndexOf("-->", _at, StringComparison.Ordinal) + 3;
            else if (Next("</")) Close(open);
            else Open(open);
        }

        if (open.Count != 1) throw Error($"<{open.Peek().Name}> is not closed");
        Root = holder.Elements().Single();
    }

    private void Open(Stack<XElement> open)
    {
        _at++;
        var element = new XElement(ReadName());
        open.Peek().Add(element);
        while (true)
        {
            SkipSpace();
            if (Next("/>") || _html[_at] == '>') break;
            ReadAttribute(element);
        }

        var closed = Next("/>");
        _at += closed ? 2 : 1;
        if (!closed && !Void.Contains(element.Name.LocalName)) open.Push(element);
    }

    private void Close(Stack<XElement> open)
    {
        _at += 2;
        var name = ReadName();
        if (open.Count == 1 || open.Peek().Name.LocalName != name) throw Error($"</{name}> closes <{open.Peek().Name}>");
        open.Pop();
        SkipSpace();
        Expect('>');
    }

    private void ReadAttribute(XElement element)
    {
        var name = ReadName();
        var value = "";
        if (_html[_at] == '=')
        {
            _at++;
            Expect('"');
            var end = _html.IndexOf('"', _at);
            value = WebUtility.HtmlDecode(_html[_at..end]);
            _at = end + 1;
        }

        if (element.Attribute(name) is not null) throw Error($"attribute {name} repeated");
        element.SetAttributeValue(name, Printable(value));
    }

    private string ReadText()
    {
        var end = _html.IndexOf('<', _at);
        if (end < 0) end = _html.Length;
        var text = WebUtility.HtmlDecode(_html[_at..end]);
        _at = end;
        return Printable(text);
    }

    // XML cannot hold most control characters; a page that shows one is wrong anyway.
    private string Printable(string text) => text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? throw Error("control character") : text;

    private string ReadName()
    {
        var from = _at;
        while (char.IsAsciiLetterOrDigit(_html[_at]) || _html[_at] is '-' or ':' or '_') _at++;
        return _at > from ? _html[from.._at] : throw Error("name expected");
    }

    private bool Next(string text) => string.CompareOrdinal(_html, _at, text, 0, text.Length) == 0;

    private void SkipSpace()
    {
        while (_at < _html.Length && char.IsWhiteSpace(_html[_at])) _at++;
    }

    private void Expect(char c)
    {
        if (_html[_at] != c) throw Error($"'{c}' expected");
        _at++;
    }

    private FormatException Error(string what) => new($"{what} at {_at}: {_html[Math.Max(0, _at - 60)..Math.Min(_html.Length, _at + 60)]}");
}
