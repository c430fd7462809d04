using System.Text.Json;
using Cluster.Coordinator.Chat;
using Cluster.Coordinator.Clients;
using Cluster.Coordinator.Tests.Api;

namespace Cluster.Coordinator.Tests.Chat;

/// <summary>Conversations with the API, over fake ranks.</summary>
public sealed class ChatSessionTests
{
    [Fact]
    public async Task Answers_are_greedy_again_after_retry_and_history_goes_along()
    {
        var (output, error, session) = await RunAsync(["/set temperature 0", "/set max_tokens 5", "/system Be short.", "Hello", "/retry", "And?", "/stats", "/exit", "never asked"]);

        Assert.Equal("", error);
        var lines = output.Split('\n');
        Assert.Equal(lines[0], lines[1]);
        Assert.NotEqual("", lines[0]);
        Assert.Equal(4, session.Conversation.Count);
        Assert.Contains("5 of answer", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_is_saved_and_loaded()
    {
        var folder = Directory.CreateTempSubdirectory("cluster-test-");
        try
        {
            var file = Path.Combine(folder.FullName, "talk.json");
            var (_, _, saved) = await RunAsync(["/set max_tokens 4", "/system S", "Grüße \\", "an alle", $"/save {file}"]);
            var (output, error, loaded) = await RunAsync([$"/load {file}", "/clear", $"/load {file}", $"/load {folder.FullName}/none", "/load", "/save"]);

            Assert.Equal(("S", 2, saved.Conversation.Last), (loaded.Conversation.System, loaded.Conversation.Count, loaded.Conversation.Last));
            Assert.Equal("2 messages\n2 messages\n", output);
            Assert.Equal(3, error.Count(character => character == '\n'));
            using var document = JsonDocument.Parse(await File.ReadAllTextAsync(file));
            Assert.Equal("Grüße \nan alle", document.RootElement.GetProperty("messages")[1].GetProperty("content").GetString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("/nothing", "there is no /nothing")]
    [InlineData("/set warmth 1", "there is no setting 'warmth'")]
    [InlineData("/set temperature hot", "temperature needs a number, not 'hot'")]
    [InlineData("/set top_k 1.5", "top_k needs a whole number, not '1.5'")]
    [InlineData("/retry", "nothing was asked yet")]
    public async Task Wrong_commands_get_one_line(string line, string problem)
    {
        var (_, error, session) = await RunAsync([line]);

        Assert.StartsWith($"cluster: {problem}", error, StringComparison.Ordinal);
        Assert.EndsWith("\n", error, StringComparison.Ordinal);
        Assert.Single(error, character => character == '\n');
        Assert.True(session.HasFailed);
    }

    [Fact]
    public async Task Refused_question_is_no_part_of_the_conversation_and_can_be_asked_again()
    {
        var (output, error, session) = await RunAsync(["/set max_tokens 3", "/set top_k -5", "Hello", "/set top_k", "/retry"]);

        Assert.StartsWith("cluster: 400: ", error, StringComparison.Ordinal);
        Assert.Equal(2, session.Conversation.Count);
        Assert.NotEqual("", output.Trim());
    }

    [Fact]
    public async Task Interruption_stops_the_answer_and_keeps_what_was_said()
    {
        using var steps = new SemaphoreSlim(4);
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Ranks.Gate = steps;
        using var client = new CompletionClient(new ServerClient(api.BaseAddress, null));
        using var output = new SignallingWriter();
        var (lines, next) = (new[] { "Hello" }, 0);
        var session = new ChatSession(
            client, "fake", new ChatInput((_, _) => Task.FromResult(next < lines.Length ? lines[next++] : null)), output, TextWriter.Null, TimeProvider.System);
        Assert.False(session.Interrupt());

        // By chance the first tokens could be the end, or no text.
        Assert.Null(session.Settings.Set("temperature", "0"));
        try
        {
            var running = session.RunAsync(CancellationToken.None);
            await output.Written.Task.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(session.Interrupt());
            await running.WaitAsync(TimeSpan.FromSeconds(60));

            Assert.Equal("assistant", session.Conversation.Last!.Role);
            Assert.False(session.HasFailed);
        }
        finally
        {
            // The engine does not end before its step.
            steps.Release(int.MaxValue / 2);
        }
    }

    private static async Task<(string Output, string Error, ChatSession Session)> RunAsync(string[] lines)
    {
        await using var api = await ApiFixture.StartAsync(context: 256);
        using var client = new CompletionClient(new ServerClient(api.BaseAddress, null));
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var next = 0;
        var session = new ChatSession(
            client, "fake", new ChatInput((_, _) => Task.FromResult(next < lines.Length ? lines[next++] : null)), output, error, TimeProvider.System);
        await session.RunAsync(CancellationToken.None);
        return (output.ToString(), error.ToString(), session);
    }

    /// <summary>Tells of the first text.</summary>
    private sealed class SignallingWriter : StringWriter
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task WriteAsync(string? value)
        {
            Written.TrySetResult();
            return base.WriteAsync(value);
        }
    }
}
