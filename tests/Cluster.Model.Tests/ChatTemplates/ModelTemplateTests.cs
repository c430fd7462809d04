namespace Cluster.Model.Tests.ChatTemplates;

public sealed class ModelTemplateTests
{
    public static TheoryData<string> Templates => [.. Directory.GetFiles(ExpectedTexts.PathOf("templates"), "*.jinja").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Conversations_become_the_prompts_that_Jinja2_makes(string name)
    {
        var template = File.ReadAllText(ExpectedTexts.PathOf($"templates/{name}.jinja"));
        var conversations = ExpectedTexts.Read("conversations.json");
        var count = 0;
        foreach (var expected in ExpectedTexts.Read("templates.json").EnumerateArray().Where(entry => entry.GetProperty("template").GetString() == name))
        {
            var conversation = expected.GetProperty("conversation").GetString()!;
            var text = ExpectedTexts.TryRender(template, conversations.GetProperty(conversation), "<s>", "</s>");

            Assert.True(text == expected.GetProperty("text").GetString(), $"{conversation}: {text}");
            count++;
        }

        Assert.Equal(conversations.EnumerateObject().Count(), count);
    }
}
