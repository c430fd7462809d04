using Cluster.Coordinator.Chat;

namespace Cluster.Coordinator.Tests.Chat;

public sealed class ChatInputTests
{
    [Fact]
    public async Task Messages_may_have_several_lines()
    {
        string[] lines = ["one", "two \\", "and \\", "three", "\"\"\"", "  kept", "", "as it is", "\"\"\"", "\"\"\"on one line\"\"\"", "\"\"\"begun here", "ended there\"\"\"", "last\\"];

        Assert.Equal(["one", "two \nand \nthree", "  kept\n\nas it is", "on one line", "begun here\nended there", "last\n"], await ReadAsync(lines));
    }

    [Fact]
    public async Task Further_lines_have_another_prompt()
    {
        var prompts = new List<string>();
        await ReadAsync(["a", "b\\", "c", "\"\"\"d", "e\"\"\""], prompts);

        Assert.Equal(["> ", "> ", ". ", "> ", ". ", "> "], prompts);
    }

    private static async Task<List<string>> ReadAsync(string[] lines, List<string>? prompts = null)
    {
        var next = 0;
        var input = new ChatInput((prompt, _) =>
        {
            prompts?.Add(prompt);
            return Task.FromResult(next < lines.Length ? lines[next++] : null);
        });
        var messages = new List<string>();
        while (await input.ReadAsync(CancellationToken.None) is { } message) messages.Add(message);
        return messages;
    }
}
