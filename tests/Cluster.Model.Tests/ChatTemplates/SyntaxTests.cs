namespace Cluster.Model.Tests.ChatTemplates;

public sealed class SyntaxTests
{
    /// <summary>Expressions, statements, filters, tests, methods, whitespace: the text that Jinja2 makes, or an error where it has one.</summary>
    [Fact]
    public void Every_construct_means_what_it_means_to_Jinja2()
    {
        var file = ExpectedTexts.Read("syntax.json");
        var wrong = new List<string>();
        var count = 0;
        foreach (var entry in file.GetProperty("cases").EnumerateArray())
        {
            var (template, expected) = (entry[0].GetString()!, entry[1].GetString());
            var text = ExpectedTexts.TryRender(template, file.GetProperty("values"));
            count++;
            if (text != expected) wrong.Add($"{template}\nis      {text}\nand not {expected}");
        }

        Assert.Empty(wrong);
        Assert.True(count > 150, $"only {count} cases were read");
    }
}
