using System.Text.Json;
using Cluster.Model.ChatTemplates;

namespace Cluster.Model.Tests.ChatTemplates;

public sealed class ChatTemplateErrorTests
{
    private static readonly JsonElement s_nothing = JsonDocument.Parse("{}").RootElement;

    [Fact]
    public void Refusal_of_the_template_is_told_apart()
    {
        var refusal = Assert.Throws<ChatTemplateException>(() => ExpectedTexts.Render("a\n{{ raise_exception('roles must alternate') }}", s_nothing));

        Assert.True(refusal.IsRefusal);
        Assert.Equal((2, "roles must alternate"), (refusal.Line, refusal.Problem));
    }

    [Theory]
    [InlineData("a\n\n{{ missing.name }}", 3, "'missing' is undefined")]
    [InlineData("{% for m in [1] %}\n{{ m.x.y }}\n{% endfor %}", 2, "a int has no 'x'")]
    [InlineData("x\n{% if true %}\n", 2, "'endif' is missing")]
    [InlineData("{% macro m(a) %}{{ a + 1 }}{% endmacro %}\n\n{{ m('x') }}", 1, "'+' cannot be applied to a str and a int")]
    [InlineData("{{ 'a' | frob }}", 1, "there is no filter 'frob'")]
    [InlineData("{% include 'x' %}", 1, "the statement 'include' is not known")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, "a whole number does not fit into 64 bits")]
    public void Error_names_line_and_problem(string template, int line, string problem)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ExpectedTexts.Render(template, s_nothing));

        Assert.Equal((line, problem, false), (error.Line, error.Problem, error.IsRefusal));
        Assert.Equal($"chat template, line {line}: {problem}", error.Message);
    }

    [Theory]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{{ j }}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'abc' * 1000000000 }}")]
    [InlineData("{{ [1] * 1000000000 }}")]
    [InlineData("{% set n = namespace(t='x') %}{% for i in range(100) %}{% set n.t = n.t ~ n.t %}{% endfor %}")]
    [InlineData("{% set n = namespace(t='x') %}{% for i in range(100) %}{% set n.t = n.t.replace('x', 'xxx') %}{% endfor %}")]
    [InlineData("{% set l = [1] %}{% for i in range(100) %}{{ l.extend(l) or '' }}{% endfor %}")]
    [InlineData("{% set l = [] %}{{ l.append(l) or '' }}{{ l }}")]
    [InlineData("{% set l = [] %}{{ l.append(l) or '' }}{{ l | tojson }}")]
    [InlineData("{% set l = [] %}{{ l.append(l) or '' }}{{ l == [l] }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{{ 'a' | indent(1000000000000) }}")]
    [InlineData("{{ '%s' | format('x') | indent('y' * 10000000) }}{{ ('a\n' * 1000000) | indent('y' * 1000) }}")]
    public void Endless_template_ends_with_an_error(string template) =>
        Assert.Throws<ChatTemplateException>(() => ExpectedTexts.Render(template, s_nothing));

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("- ", "")]
    [InlineData("1 + ", "")]
    [InlineData("1 if 1 else ", "")]
    public void Deep_nesting_is_an_error_and_no_crash(string open, string close)
    {
        var depth = 200_000;
        var template = $"{{{{ {string.Concat(Enumerable.Repeat(open, depth))}1{string.Concat(Enumerable.Repeat(close, depth))} }}}}";

        var error = Assert.Throws<ChatTemplateException>(() => ExpectedTexts.Render(template, s_nothing));

        Assert.Contains("deeply", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_and_garbled_templates_never_throw_anything_else()
    {
        var random = new Random(7);
        var conversation = ExpectedTexts.Read("conversations.json").GetProperty("tool");
        var rendered = 0;
        foreach (var path in Directory.GetFiles(ExpectedTexts.PathOf("templates"), "*.jinja"))
        {
            var template = File.ReadAllText(path);
            for (var i = 0; i < 60; i++)
            {
                var (start, length) = (random.Next(template.Length), random.Next(1, 12));
                var garbled = template.Remove(start, Math.Min(length, template.Length - start));
                if (i % 2 == 0) garbled = garbled.Insert(random.Next(garbled.Length), template.Substring(random.Next(template.Length - 8), random.Next(1, 8)));
                if (ExpectedTexts.TryRender(garbled, conversation) is not null) rendered++;
            }
        }

        Assert.True(rendered > 0, "nothing was left that could be rendered");
    }
}
