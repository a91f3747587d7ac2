import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseProcessInfo } from '../../../container/decide/process-info.ts';

// An answer of supervisor 4.2.5, shortened.
const answer = `<?xml version='1.0'?>
<methodResponse>
<params>
<param>
<value><array><data>
<value><struct>
<member>
<name>name</name>
<value><string>dnsmasq</string></value>
</member>
<member>
<name>group</name>
<value><string>pxeboot</string></value>
</member>
<member>
<name>statename</name>
<value><string>RUNNING</string></value>
</member>
<member>
<name>spawnerr</name>
<value><string></string></value>
</member>
<member>
<name>pid</name>
<value><int>30</int></value>
</member>
</struct></value>
<value><struct>
<member>
<name>name</name>
<value><string>nginx</string></value>
</member>
<member>
<name>statename</name>
<value><string>BACKOFF</string></value>
</member>
<member>
<name>spawnerr</name>
<value><string>can't find &lt;nginx&gt; &amp; more</string></value>
</member>
<member>
<name>pid</name>
<value><int>0</int></value>
</member>
</struct></value>
</data></array></value>
</param>
</params>
</methodResponse>`;

test("supervisord's answer is read as one state per service", () => {
  assert.deepEqual(parseProcessInfo(answer), [
    { name: 'dnsmasq', state: 'RUNNING', pid: 30, reason: '' },
    { name: 'nginx', state: 'BACKOFF', pid: 0, reason: "can't find <nginx> & more" },
  ]);
});

for (const wrong of ['', 'Error response: 401', '<methodResponse><fault></fault></methodResponse>']) {
  test(`"${wrong}" is an error, not an empty list`, () => {
    assert.throws(() => parseProcessInfo(wrong), /lists no services/);
  });
}
