using System.Text;
using Cluster.IntegrationTests.Running;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Cluster.IntegrationTests.Page;

/// <summary>The page as a person uses it, in a real browser.</summary>
public sealed class PageTests
{
    [BrowserFact]
    public async Task A_person_chats_stops_and_regenerates()
    {
        using var serve = await ServeProcess.StartAsync("--local-workers", "1");
        await using var browser = await Browser.OpenAsync(serve.Address);
        var page = browser.Page;
        var answer = page.Locator("#messages li.assistant");
        var note = answer.Locator("small");

        await page.GetByText("Parameters").ClickAsync();
        await page.GetByLabel("Most tokens").FillAsync("12");
        await page.GetByLabel("Temperature").FillAsync("0");
        await page.GetByLabel("Message").FillAsync("Tell me of a little girl.");
        await page.Keyboard.PressAsync("Enter");
        await Expect(note).ToContainTextAsync("tokens/s");
        var first = await answer.TextContentAsync();
        Assert.NotEqual(await note.TextContentAsync(), first);

        // Greedy, so the same again, as a new message in the same place.
        await page.GetByRole(AriaRole.Button, new() { Name = "Regenerate" }).ClickAsync();
        await Expect(note).ToContainTextAsync("tokens/s");
        Assert.Equal(TextOf(first!, "first token"), TextOf((await answer.TextContentAsync())!, "first token"));

        // The conversation outlives the page.
        await page.ReloadAsync();
        await Expect(answer).ToHaveCountAsync(1);
        await Expect(page.GetByLabel("Most tokens")).ToHaveValueAsync("12");

        await page.GetByText("Parameters").ClickAsync();
        await page.GetByLabel("Most tokens").FillAsync("1500");
        await page.RouteAsync("**/v1/chat/completions", WithoutEnd);
        await page.GetByLabel("Message").FillAsync("And then?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(answer).ToHaveCountAsync(2);
        await Expect(answer.Last).ToContainTextAsync("e");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(note.Last).ToContainTextAsync("stopped");

        await page.GetByRole(AriaRole.Button, new() { Name = "New conversation" }).ClickAsync();
        await Expect(page.Locator("#messages li")).ToHaveCountAsync(0);
        Assert.Empty(browser.Problems);
    }

    [BrowserFact]
    public async Task A_person_gives_the_key_that_the_server_asks_for()
    {
        var folder = Directory.CreateTempSubdirectory("cluster-test-");
        var file = Path.Combine(folder.FullName, "keys");
        var created = ClusterProgram.Run("keys", "create", "ann", "--file", file);
        using var serve = await ServeProcess.StartAsync("--local-workers", "1", "--api-keys", file);
        await using var browser = await Browser.OpenAsync(serve.Address);
        var page = browser.Page;
        await Expect(page.Locator("#status-text")).ToContainTextAsync("an API key is needed");

        await page.GetByLabel("The server asks for an API key.").FillAsync("sk-wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use" }).ClickAsync();
        await page.GetByLabel("This API key is not accepted.").FillAsync(created.Output.Trim());
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#status-text")).ToContainTextAsync("on 1 worker");

        // The browser keeps it.
        await page.ReloadAsync();
        await Expect(page.Locator("#status-text")).ToContainTextAsync("on 1 worker");
        await page.GetByRole(AriaRole.Button, new() { Name = "API key" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget" }).ClickAsync();
        await Expect(page.Locator("#status-text")).ToContainTextAsync("an API key is needed");
        folder.Delete(recursive: true);
    }

    [BrowserFact]
    public async Task A_worker_is_seen_to_leave_and_return()
    {
        using var serve = await ServeProcess.StartAsync("--local-workers", "2", "--threads", "1");
        await using var browser = await Browser.OpenAsync(serve.Address);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Tab, new() { Name = "Cluster" }).ClickAsync();
        await Expect(page.Locator(".rank")).ToHaveCountAsync(2);
        await Expect(page.Locator(".rank").First).ToContainTextAsync("ms round trip");
        await Expect(page.Locator("#status-text")).ToContainTextAsync("on 2 workers");

        serve.KillWorker("local-1");
        var events = page.Locator("#events");
        await Expect(events).ToContainTextAsync("worker 'local-1' left");
        await Expect(page.Locator("#figures")).ToContainTextAsync("version 3");
        await Expect(page.Locator("#status-text")).ToContainTextAsync("on 2 workers");

        // First the other one serves alone (version 2), then both; a new request is answered as before.
        var (text, _) = await serve.CompleteAsync([4299, 674, 261, 577], 4);
        Assert.NotEmpty(text);
    }

    /// <summary>The model is not to end its answer before it is stopped.</summary>
    private static Task WithoutEnd(IRoute route) =>
        route.ContinueAsync(new() { PostData = Encoding.UTF8.GetBytes(route.Request.PostData!.Replace("\"stream\":", "\"ignore_eos\":true,\"stream\":", StringComparison.Ordinal)) });

    private static string TextOf(string message, string note) => message[..message.IndexOf(note, StringComparison.Ordinal)];
}
