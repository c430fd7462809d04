using Cluster.IntegrationTests.Running;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Cluster.IntegrationTests.Page;

/// <summary>The page in light and dark; docs/images is made by it, with CLUSTER_SCREENSHOTS=docs/images.</summary>
public sealed class ScreenshotTests
{
    private const string FolderVariable = "CLUSTER_SCREENSHOTS";

    [BrowserFact]
    public async Task Chat_and_cluster_have_their_pictures()
    {
        var temporary = Directory.CreateTempSubdirectory("cluster-test-");
        try
        {
            var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? temporary.FullName;
            using var serve = await ServeProcess.StartAsync("--local-workers", "2", "--threads", "1");
            await using var browser = await Browser.OpenAsync(serve.Address);
            var page = browser.Page;
            await page.SetViewportSizeAsync(960, 640);

            await page.GetByText("Parameters").ClickAsync();
            await page.GetByLabel("Most tokens").FillAsync("80");
            await page.GetByLabel("Temperature").FillAsync("0.6");
            await page.GetByLabel("Seed").FillAsync("3");
            await page.GetByText("Parameters").ClickAsync();
            await page.GetByLabel("Message").FillAsync("Tell me a story about a dog.");
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("#messages li.assistant small")).ToContainTextAsync("tokens/s");
            var chat = await PictureAsync(page, ColorScheme.Light, Path.Combine(folder, "page-chat.png"));

            await page.GetByRole(AriaRole.Tab, new() { Name = "Cluster" }).ClickAsync();
            await Expect(page.Locator(".rank")).ToHaveCountAsync(2);
            await Expect(page.Locator("#status-text")).ToContainTextAsync("on 2 workers");
            await Expect(page.GetByText("0 running, 0 waiting")).ToBeVisibleAsync();
            await Expect(page.GetByText("no steps yet")).ToHaveCountAsync(0);
            await page.SetViewportSizeAsync(960, 760);
            var light = await PictureAsync(page, ColorScheme.Light, Path.Combine(folder, "page-cluster-light.png"));
            var dark = await PictureAsync(page, ColorScheme.Dark, Path.Combine(folder, "page-cluster-dark.png"));

            Assert.All(new[] { chat, light, dark }, picture => Assert.True(picture.Length > 5_000, "the picture is empty"));
            Assert.NotEqual(await BackgroundAsync(page, ColorScheme.Light), await BackgroundAsync(page, ColorScheme.Dark));
            Assert.Empty(browser.Problems);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static async Task<byte[]> PictureAsync(IPage page, ColorScheme scheme, string path)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        return await page.ScreenshotAsync(new() { Path = path });
    }

    private static async Task<string> BackgroundAsync(IPage page, ColorScheme scheme)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        return await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }
}
