"""tests/pages/test_checkout_browser.py: payers in a real browser, on a phone and at a desk: they pay, press twice, go
back, come too late, and find what was paid already. No page runs a script."""
import pytest
from browser import CHROMIUM, SIZES, Browser, Tab
from demo import Demo
from merchant import DECLINED_CARD, GOOD_CARD, Merchant, Payer

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium')]
PAY, CANCEL = 'button[value=pay]', 'button[value=cancel]'


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('browser')) as demo:
        yield demo
        demo.verify()


@pytest.fixture(scope='module')
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp('chromium'))
    yield browser
    browser.close()


@pytest.fixture(params=SIZES)
def tab(browser, request):
    return Tab(browser, request.param)


@pytest.fixture
def shop(demo, receiver):
    return Merchant(demo, call_back_url=f'{receiver.url}/call')


def ask_for(shop, receiver, **values):
    return shop.ask(redirect_url=f'{receiver.url}/back', customer_email='ada@example.com', **values)


def fill_in(tab, number=GOOD_CARD):
    tab.fits()
    for name, text in (('number', number), ('expiry', '12/40'), ('code', '123')):
        tab.type(name, text)


def transaction(shop, asked):
    answer = shop.call('GET', 'mobip/get_transaction', access_token=shop.token, trid=asked['trid'])
    return answer['transaction_data']


def back_at_the_shop(tab, receiver, resp_code):
    tab.wait_until(f'location.href.startsWith("{receiver.url}/back?resp_code={resp_code}")')


def pressed_twice(tab, receiver, button, resp_code):
    """The second press may win, which is answered with what became of the payment and the way back."""
    back = f'location.href.startsWith("{receiver.url}/back?resp_code={resp_code}")'
    link = f'a[href^="{receiver.url}/back"]'
    tab.click(button, times=2)
    tab.wait_until(f"{back} || document.querySelector('{link}')")
    if not tab.ask(back):
        tab.click(link)
    tab.wait_until(back)


def go_back_and_press(tab, button):
    """Chromium may have kept the page as it was, form and all, or ask for it anew."""
    tab.back()
    if tab.ask('document.forms.length'):
        tab.click(button)


def calls(receiver, asked):
    return sum(asked['trid'] in call.path and call.path.startswith('/call') for call in receiver.received)


def test_pressed_twice_and_gone_back(shop, receiver, tab, tmp_path):
    asked = ask_for(shop, receiver)
    other = Tab(tab.browser, 'desktop')
    for one in (tab, other):
        one.open(asked['url_checkout'])
        fill_in(one)
    tab.picture(tmp_path / f'form-{tab.width}.png')
    pressed_twice(tab, receiver, PAY, 'PROCESSED')
    assert transaction(shop, asked)['status'] == 'PAID'
    # Whoever goes back and presses once more is shown what became of it, and so is the form in the other tab.
    go_back_and_press(tab, PAY)
    tab.wait_for('Paid. Thank you.')
    assert tab.ask('document.forms.length') == 0
    tab.fits()
    tab.picture(tmp_path / f'paid-{tab.width}.png')
    other.click(PAY)
    other.wait_for('Paid. Thank you.')
    # Who opens the link now sees it too.
    other.open(asked['url_checkout'])
    assert 'Paid. Thank you.' in other.text() and other.ask('document.forms.length') == 0
    assert transaction(shop, asked)['status'] == 'PAID'
    receiver.wait_for(1, f'/call?resp_code=PROCESSED&trid={asked["trid"]}&track_id=order%7C7')
    assert calls(receiver, asked) == 1


def test_refused_and_paid_with_another_card(shop, receiver, tab, tmp_path):
    asked = ask_for(shop, receiver, language='FR')
    tab.open(asked['url_checkout'])
    fill_in(tab, '4242424242424241')
    tab.click(PAY)
    tab.wait_until('document.querySelector("[role=alert]")')
    tab.picture(tmp_path / f'wrong-{tab.width}.png')
    fill_in(tab, DECLINED_CARD)
    tab.click(PAY, times=2)
    tab.wait_for('Votre paiement a été refusé.')
    tab.picture(tmp_path / f'refused-{tab.width}.png')
    assert transaction(shop, asked)['status'] == 'PENDING'
    fill_in(tab)
    tab.click(PAY)
    back_at_the_shop(tab, receiver, 'PROCESSED')
    assert transaction(shop, asked)['status'] == 'PAID'


def test_cancelled_and_gone_back(shop, receiver, tab):
    asked = ask_for(shop, receiver)
    tab.open(asked['url_checkout'])
    pressed_twice(tab, receiver, CANCEL, 'CANCELLED')
    go_back_and_press(tab, CANCEL)
    tab.wait_for('was cancelled')
    assert tab.ask('document.forms.length') == 0 and transaction(shop, asked)['status'] == 'CANCELLED'


def test_paid_by_somebody_else(shop, receiver, tab):
    asked = ask_for(shop, receiver)
    tab.open(asked['url_checkout'])
    fill_in(tab)
    assert Payer(shop.demo, asked['url_checkout']).pay().status == 303
    tab.click(PAY)
    tab.wait_for('Paid. Thank you.')
    assert transaction(shop, asked)['status'] == 'PAID' and calls(receiver, asked) <= 1


def test_a_reusable_code_pressed_twice(shop, receiver, tab):
    code = shop.call('POST', 'mobip/create_reusable_qr', access_token=shop.token, item_name='Poster',
                     item_amount='2000', tax_amount='400', item_photo='http://127.0.0.1:9/poster.png',
                     item_reference=f'shelf {tab.width}')
    tab.open(code['url_checkout'])
    tab.fits()
    tab.click('form button', times=2)
    tab.wait_until('location.pathname.startsWith("/pay/") && document.querySelector("input[name=number]")')
    fill_in(tab)
    tab.type('email', 'ada@example.com')
    tab.click(PAY)
    tab.wait_for('Paid. Thank you.')
    rows = shop.call('GET', 'mobip/get_stats', access_token=shop.token)['stats_data']['transactions']
    assert [row['status'] for row in rows if row['track_id'] == f'shelf {tab.width}'] == ['PAID']


def test_too_late(demo, shop, receiver, tab, tmp_path):
    asked = ask_for(shop, receiver, transaction_ttl='1')
    tab.open(asked['url_checkout'])
    fill_in(tab)
    demo.advance('25h')
    tab.click(PAY)
    tab.wait_for('This payment link has expired')
    tab.fits()
    tab.picture(tmp_path / f'expired-{tab.width}.png')
    tab.open(asked['url_checkout'] + '?lang=fr')
    assert tab.ask('document.forms.length') == 0 and tab.ask('document.documentElement.lang') == 'fr'
    later = Merchant(demo)
    assert transaction(later, asked)['status'] == 'CANCELLED' and later.state(asked)['reason'] == 'expired'
